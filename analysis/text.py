"""Text from outside, made fit for a terminal or one line.

Room: pure rules. What may be shown is decided in `crawler.records.shown`, for both sides.
"""

from crawler.records.shown import visible

__all__ = ["one_line", "visible"]


def one_line(message: str) -> str:
    """Return the first paragraph of an error message on one line; of a traceback, its last line."""
    if "Traceback (most recent call last)" in message:
        message = message.strip().splitlines()[-1]
    paragraph = message.strip().split("\n\n", 1)[0]
    return visible(" ".join(paragraph.split()))
