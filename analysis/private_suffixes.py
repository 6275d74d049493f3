"""The customers of the names in the public suffix list's private section.

Room: disk. Reads the pinned list of data/public_suffix_list, once; never the network.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path

from crawler.records.suffixes import Rules, public_suffix, rules_of

LIST = Path(__file__).parent.parent / "data" / "public_suffix_list" / "public_suffix_list.dat"


def customer(host: str) -> str | None:
    """Return the name below a private suffix that `host` belongs to: a.b.github.io → b.github.io.

    None for a host under no private suffix, and for the suffix itself.
    """
    labels = host.split(".")
    start, is_private = public_suffix(labels, _rules()) or (0, False)
    return ".".join(labels[start - 1 :]) if is_private and start else None


@cache
def list_digest() -> str:
    """Return what changes when the list does."""
    return sha256(LIST.read_bytes()).hexdigest()


@cache
def _rules() -> Rules:
    return rules_of(LIST.read_text(encoding="utf-8"), private=True)
