"""Which column of a dataset is what, by its name and by what is in it.

Room: pure rules. A name proposes, the content disposes: LAION's `hash` is an int64, so no column
is taken for a digest unless its cells look like one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.records.errors import WrongUse

_URL_LIKE = re.compile(r"\s*https?://", re.IGNORECASE)
_ANY_SCHEME = re.compile(r"\s*[a-z][a-z0-9+.-]*:\S", re.IGNORECASE)

# Lower-cased names, likeliest first, as LAION, COYO, CC3M, CC12M, DataComp, WIT, RedCaps, SBU,
# Open Images, Unsplash, YFCC and img2dataset's own outputs write them.
URL_NAMES = (
    "url", "image_url", "img_url", "imageurl", "original_url", "originalurl", "photo_image_url",
    "downloadurl", "download_url", "image_link", "image_uri", "contenturl", "media_url", "link",
    "uri", "href", "src", "image", "page_url",
)  # fmt: skip
CAPTION_NAMES = (
    "caption", "text", "top_caption", "alt_text", "alttext", "alt", "sentence", "description",
    "caption_reference_description", "title",
)  # fmt: skip
# The original's size before a downloader's own: img2dataset writes both.
WIDTH_NAMES = ("original_width", "image_width", "photo_width", "width")
HEIGHT_NAMES = ("original_height", "image_height", "photo_height", "height")
SHA256_NAMES = ("sha256", "sha_256", "image_sha256", "hash", "checksum", "digest")
MD5_NAMES = ("md5", "image_md5", "hash", "checksum", "digest")
PHASH_NAMES = ("image_phash", "phash", "pdq", "pdq_hash", "perceptual_hash")

SHA256 = r"^[0-9A-Fa-f]{64}$"
MD5 = r"^[0-9A-Fa-f]{32}$"
PHASH = r"^(?:[0-9A-Fa-f]{2}){8,32}$"
_DIGESTS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("expected_sha256", SHA256_NAMES, SHA256),
    ("expected_md5", MD5_NAMES, MD5),
    ("expected_phash", PHASH_NAMES, PHASH),
)
_SIZES: tuple[tuple[str, tuple[str, ...]], ...] = (("width", WIDTH_NAMES), ("height", HEIGHT_NAMES))


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one file. `roles` maps columns of `links` to positions in `names`."""

    names: tuple[str, ...]
    url: int
    url_why: str
    roles: tuple[tuple[str, int], ...] = ()
    header: bool = True

    @property
    def named_roles(self) -> dict[str, str]:
        """The name of the column that has each role."""
        return {role: self.names[at] for role, at in self.roles}

    @property
    def others(self) -> tuple[int, ...]:
        """The positions that have no role: they go to `extra`."""
        taken = {self.url, *(position for _, position in self.roles)}
        return tuple(position for position in range(len(self.names)) if position not in taken)


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether a delimited file's first row names its columns.

    It does when one of its cells is a known name for a URL column; else it does when none of its
    cells is empty or like a URL, and a later row has a URL.
    """
    if not rows:
        return False
    first = rows[0]
    if any(cell.strip().lower() in URL_NAMES for cell in first):
        return True
    if any(not cell.strip() or _ANY_SCHEME.match(cell) for cell in first):
        return False
    return any(_URL_LIKE.match(cell) for row in rows[1:] for cell in row)


def choose(
    names: Sequence[str],
    sample: Sequence[Sequence[object]],
    *,
    url_column: str | None = None,
    caption_column: str | None = None,
    header: bool = True,
) -> Columns:
    """Return what each column is, from the names and the first rows.

    `sample` holds rows of cells. `url_column` and `caption_column` are names or 0-based positions
    that overrule recognition. Raise WrongUse where no column holds URLs.
    """
    by_column = [[row[at] if at < len(row) else None for row in sample] for at in range(len(names))]
    url, why = _url_column(names, by_column, url_column)
    roles = (
        {} if (at := _caption(names, by_column, caption_column, url)) is None else {"caption": at}
    )
    for role, size_names in _SIZES:
        _take(roles, role, _named(names, size_names), url)
    for role, digest_names, pattern in _DIGESTS:
        named = _all_named(names, digest_names)
        fitting = [at for at in named if _all_match(by_column[at], pattern)]
        _take(roles, role, fitting[0] if fitting else None, url)
    return Columns(tuple(names), url, why, tuple(roles.items()), header)


def _take(roles: dict[str, int], role: str, at: int | None, url: int) -> None:
    if at is not None and at != url and at not in roles.values():
        roles[role] = at


def _url_column(
    names: Sequence[str], by_column: Sequence[Sequence[object]], wanted: str | None
) -> tuple[int, str]:
    if wanted is not None:
        return position(names, wanted, "--url-column"), "as asked"
    shares = [_share_of_urls(cells) for cells in by_column]
    named = _all_named(names, URL_NAMES)
    for at in named:
        if shares[at] >= 0.5 or not any(shares):
            return at, "by its name"
    best = max(range(len(names)), key=lambda at: (shares[at], -at), default=0)
    if shares and shares[best] >= 0.5:
        return best, "by its content"
    if named:
        return named[0], "by its name"
    if shares and shares[best] > 0:
        return best, "by its content"
    listed = ", ".join(repr(name) for name in names[:20])
    raise WrongUse(f"no column holds URLs (columns: {listed}); name it with --url-column")


def _caption(
    names: Sequence[str], by_column: Sequence[Sequence[object]], wanted: str | None, url: int
) -> int | None:
    if wanted is not None:
        return position(names, wanted, "--caption-column")
    named = [at for at in _all_named(names, CAPTION_NAMES) if at != url]
    if named:
        return named[0]
    unnamed = [at for at in range(len(names)) if at != url and names[at] == unnamed_column(at)]
    lengths = {at: _mean_length(by_column[at]) for at in unnamed}
    best = max(unnamed, key=lambda at: lengths[at], default=None)
    return best if best is not None and lengths[best] > 8 else None


def unnamed_column(at: int) -> str:
    """Return the name of the column at a 0-based position in a file without header."""
    return f"column_{at}"


def position(names: Sequence[str], wanted: str, option: str) -> int:
    """Return the position of a column given by name (any case) or by its 0-based position."""
    lowered = [name.strip().lower() for name in names]
    if wanted in names:
        return list(names).index(wanted)
    if wanted.strip().lower() in lowered:
        return lowered.index(wanted.strip().lower())
    if wanted.isascii() and wanted.isdigit() and int(wanted) < len(names):
        return int(wanted)
    listed = ", ".join(repr(name) for name in names[:20])
    raise WrongUse(f"{option} {wanted}: no such column; there are {listed}")


def _named(names: Sequence[str], known: Sequence[str]) -> int | None:
    return next(iter(_all_named(names, known)), None)


def _all_named(names: Sequence[str], known: Sequence[str]) -> list[int]:
    lowered = [name.strip().lower() for name in names]
    return [lowered.index(name) for name in known if name in lowered]


def _share_of_urls(cells: Sequence[object]) -> float:
    filled = [cell for cell in cells if cell not in (None, "")]
    urls = sum(1 for cell in filled if isinstance(cell, str) and _URL_LIKE.match(cell))
    return urls / len(filled) if filled else 0.0


def _all_match(cells: Sequence[object], pattern: str) -> bool:
    filled = [cell for cell in cells if cell not in (None, "")]
    return bool(filled) and all(isinstance(c, str) and re.match(pattern, c) for c in filled)


def _mean_length(cells: Sequence[object]) -> float:
    lengths = [len(cell) for cell in cells if isinstance(cell, str)]
    return sum(lengths) / len(lengths) if lengths else 0.0
