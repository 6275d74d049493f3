"""Text from outside, made fit to be shown: the one place for every command, error and log line.

Room: records. Changes no meaning: what cannot be shown as it is, is shown by its code point. What
is for programs (CSV, JSON, Parquet in a pipe) does not come here.
"""

import re

LONGEST_LINE = 2_000  # characters of an error; a URL or a column's name may have a million

# Control characters, and the format characters that hide or reorder text (Unicode TR 36, 2.5).
_HIDDEN = (
    "\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f"
)
_UNSEEN = re.compile(f"[\x00-\x1f{_HIDDEN}]")
_UNSEEN_IN_LINES = re.compile(f"[\x00-\x08\x0b-\x1f{_HIDDEN}]")


def visible(text: str) -> str:
    r"""Return `text` with every character that could act on a terminal as its escape, as `\x1b`."""
    return _UNSEEN.sub(_escape, text)


def visible_lines(text: str) -> str:
    """Return `text` as `visible` does, but with its tabs and line ends."""
    return _UNSEEN_IN_LINES.sub(_escape, text)


def shortened(text: str, width: int) -> str:
    """Return at most `width` characters of a text; the last is an ellipsis where some are left out."""
    return text if len(text) <= width else text[: width - 1] + "…"


def error_line(text: str) -> str:
    """Return an error as the one line that is printed of it."""
    return visible(shortened(text.strip(), LONGEST_LINE))


def _escape(found: re.Match[str]) -> str:
    return ascii(found.group())[1:-1]
