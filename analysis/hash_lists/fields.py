"""Which column or key of a hash list means what: CSV headers and JSON keys go through one table.

Room: pure rules. The names are those of ThreatExchange (`indicator`, `type`), HMA (`signal_type`,
`signal_value`), StopNCII (`hashValue`, `signalType`), NCMEC (`fingerprints`, `classification`),
Tech Against Terrorism (`hash_digest`, `algorithm`) and `stillup fingerprint`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from analysis.hash_lists.entry import Raw
from analysis.hash_lists.judge import kind_of

_VALUES = (
    *("signalvalue", "signalval", "signalhash", "hashvalue", "hashdigest", "rawindicator"),
    *("indicator", "signal", "hash", "digest", "value", "fingerprint"),
)
_TYPES = ("signaltype", "hashtype", "hashalgorithm", "algorithm", "kind", "type")
_CATEGORIES = ("category", "classification", "ideology", "label", "labels", "class", "tag", "tags")
_LISTS = ("listname", "list", "sourcelist", "bankname", "bank", "collection")
_QUALITIES = ("pdqquality", "hashquality", "quality")
# Hashes that others use: said to be seen, so that a list's count adds up.
_OTHERS = frozenset(
    (
        "sha1",
        "sha512",
        "photodna",
        "pdna",
        "tmk",
        "tmkpdqf",
        "vpdq",
        "phash",
        "dhash",
        "ahash",
        "ssdeep",
    )
)


def names_a_hash(names: Iterable[str]) -> bool:
    """Tell whether a header or an object's keys name a column of hashes."""
    return any(_is_hash(_bare(name)) for name in names)


def raw_entries(row: Mapping[str, str], outer: Mapping[str, str] | None = None) -> Iterator[Raw]:
    """Yield the hashes of a row; `outer` says what the row itself does not."""
    bare = _bared(row)
    said = _bared(outer or {}) | bare
    category, list_name = _first(said, _CATEGORIES), _first(said, _LISTS)
    quality = _first(said, _QUALITIES)
    for name, text in bare.items():
        if (kind_of(name) is not None or name in _OTHERS) and text.strip():
            yield Raw(text, name, quality, category, list_name)
    value = _first(bare, _VALUES)
    if value is not None:
        yield Raw(value, _first(bare, _TYPES), quality, category, list_name)


def _bared(row: Mapping[str, str]) -> dict[str, str]:
    return {_bare(name): text for name, text in row.items()}


def _is_hash(name: str) -> bool:
    return kind_of(name) is not None or name in _OTHERS or name in _VALUES


def _first(row: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((row[name] for name in names if row.get(name, "").strip()), None)


def _bare(name: str) -> str:
    """`Signal-Type` → `signaltype`."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
