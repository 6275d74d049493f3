"""Text from outside, made fit for a terminal or one line.

Room: pure rules. What may be shown is decided in `crawler.records.shown`, for both sides.
"""

from crawler.records.shown import visible

__all__ = ["one_line", "sheet_cell", "visible"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def one_line(message: str) -> str:
    """Return the first paragraph of an error message on one line; of a traceback, its last line."""
    if "Traceback (most recent call last)" in message:
        message = message.strip().splitlines()[-1]
    paragraph = message.strip().split("\n\n", 1)[0]
    return visible(" ".join(paragraph.split()))


def sheet_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: one that looks like it gets an apostrophe."""
    return f"'{text}" if text.startswith(_FORMULA) else text
