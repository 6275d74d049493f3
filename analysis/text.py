"""Text from outside, made fit for a terminal or one line.

Room: pure rules. Changes no meaning: what cannot be shown as it is, is shown by its code point.
"""

import re

# Control characters, and the format characters that hide or reorder text (Unicode TR 36, 2.5).
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    r"""Return `text` with every character that could act on a terminal as its escape, as `\x1b`."""
    return _UNSEEN.sub(lambda found: ascii(found.group())[1:-1], text)


def one_line(message: str) -> str:
    """Return the first paragraph of an error message on one line; of a traceback, its last line."""
    if "Traceback (most recent call last)" in message:
        message = message.strip().splitlines()[-1]
    paragraph = message.strip().split("\n\n", 1)[0]
    return visible(" ".join(paragraph.split()))
