"""Whether an entry of a hash list can be matched, and if not, why.

Room: pure rules. Nothing is guessed: 64 hexadecimal digits may be a SHA-256 or a PDQ, so one of
them without a type is refused.
"""

import base64
import binascii
import re

from analysis.hash_lists.entry import DIGEST_BYTES, Entry, Kind, Raw
from crawler.records.shown import shortened, visible

AMBIGUOUS = "64 digits without a type may be sha256 or pdq: say --type sha256 or --type pdq"
BLANK_PDQ = "a PDQ that much of the web would match, as of a blank or striped picture"

_LABEL_LENGTH = 200
_NAMES = {
    **dict.fromkeys(("sha256", "hashsha256", "imagesha256", "videosha256", "sha2256"), Kind.SHA256),
    **dict.fromkeys(("md5", "hashmd5", "imagemd5", "videomd5", "photomd5"), Kind.MD5),
    **dict.fromkeys(("pdq", "hashpdq", "imagepdq", "photopdq", "pdqhash"), Kind.PDQ),
}
_PREFIX = re.compile(r"([A-Za-z][A-Za-z0-9_-]{1,20})[:=]\s*(.+)")
_HEX = re.compile(r"[0-9a-fA-F]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_BASE64_LENGTHS = {22: 16, 24: 16, 43: 32, 44: 32}  # characters of bytes, with and without padding
# PDQ sets the bits of the coefficients above their median, so half of 256: all 31 reference
# hashes have 128. Where far fewer are set, most coefficients are equal: the picture is empty.
_BITS_LEAST, _BITS_MOST = 64, 192
_ROW_BYTES = 2  # 16 rows of 16 coefficients; stripes repeat one or two of them
_FEWEST_ROWS = 3


def judge(raw: Raw, said: Kind | None, min_quality: int) -> Entry | str:
    """Return the entry, or why it cannot be matched.

    `said` is the kind of what does not say its own; `min_quality` is PDQ's, 0 to 100.
    """
    text, word = raw.text.strip().strip("\"'"), raw.kind
    if word is None and (prefixed := _PREFIX.fullmatch(text)) is not None:
        word, text = prefixed[1], prefixed[2].strip()
    kind = kind_of(word) if word is not None else said
    if word is not None and kind is None:
        return f"{shortened(visible(word.strip()), 40)} is a kind that stillup does not match"
    digest = _digest(text)
    if isinstance(digest, str):
        return digest
    if kind is None:
        if len(digest) != DIGEST_BYTES[Kind.MD5]:
            return AMBIGUOUS
        kind = Kind.MD5
    fault = _fault(kind, digest, raw.quality, min_quality)
    return fault or Entry(kind, digest, _label(raw.category), _label(raw.list_name))


def kind_of(word: str) -> Kind | None:
    """Return the kind that a list's word stands for (`HASH_PDQ`, `ImagePDQ`), or None."""
    return _NAMES.get(re.sub(r"[^a-z0-9]", "", word.lower()))


def is_blank_pdq(digest: bytes) -> bool:
    """Tell whether a PDQ is of a picture with next to nothing in it, and so tells nothing apart."""
    bits = int.from_bytes(digest, "big").bit_count()
    rows = {digest[at : at + _ROW_BYTES] for at in range(0, len(digest), _ROW_BYTES)}
    return not _BITS_LEAST <= bits <= _BITS_MOST or len(rows) < _FEWEST_ROWS


def _digest(text: str) -> bytes | str:
    bare = text[2:] if text[:2] in ("0x", "0X") else text
    if not bare:
        return "empty"
    if _HEX.fullmatch(bare) is not None:
        if len(bare) not in {2 * size for size in DIGEST_BYTES.values()}:
            return f"{len(bare):,} hexadecimal digits are no sha256, md5 or pdq"
        return bytes.fromhex(bare)
    if len(bare) in _BASE64_LENGTHS and _BASE64.fullmatch(bare) is not None:
        return _from_base64(bare)
    return "neither hexadecimal nor base64 of a hash"


def _from_base64(text: str) -> bytes | str:
    padded = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        digest = base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    except binascii.Error:
        return "neither hexadecimal nor base64 of a hash"
    fits = len(digest) == _BASE64_LENGTHS[len(text)]
    return digest if fits else "neither hexadecimal nor base64 of a hash"


def _fault(kind: Kind, digest: bytes, quality: str | None, min_quality: int) -> str | None:
    if len(digest) != DIGEST_BYTES[kind]:
        return f"{len(digest)} bytes are no {kind}"
    if kind is not Kind.PDQ:
        return None if any(digest) else f"a {kind} of zeros only"
    if is_blank_pdq(digest):
        return BLANK_PDQ
    if quality is None or not quality.strip():
        return None
    try:
        return None if float(quality) >= min_quality else f"a PDQ of a quality below {min_quality}"
    except ValueError:
        return "a PDQ whose quality is not a number"


def _label(text: str | None) -> str | None:
    found = shortened(" ".join((text or "").split()), _LABEL_LENGTH)
    return found or None
