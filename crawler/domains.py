"""The registered domain of a host, from a suffix list on disk.

Room: disk. Reads one file, once; never the network (`stillup refresh` does that). Private
suffixes (github.io, blogspot.com) do not count: docs/decisions/0002-registered-domain.md.
"""

import os
import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from crawler.records.errors import RunFailed
from crawler.records.suffixes import END, Rules, public_suffix, rules_of

LIST_NAME = "public_suffix_list.dat"
PINNED_LIST = Path(__file__).parent.parent / "data" / "public_suffix_list" / LIST_NAME


@dataclass(frozen=True, slots=True)
class SuffixList:
    """A suffix list on disk; `version` is what it says of itself, else the start of its SHA-256."""

    path: Path
    version: str


def refreshed_list() -> Path:
    """Return where `stillup refresh` keeps a newer suffix list (XDG base directories)."""
    cache_home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache_home) / "stillup" / LIST_NAME


def keep_list(text: str) -> SuffixList:
    """Keep a newer list for this user; it is in use from the next process on."""
    path = refreshed_list()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".new")
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        raise RunFailed(f"the list cannot be kept as {path}: {error.strerror}") from error
    return _described(path)


@cache
def suffix_list() -> SuffixList:
    """Return the list in use: the refreshed one where there is one, else the pinned one."""
    return _described(refreshed_list() if refreshed_list().is_file() else PINNED_LIST)


def _described(path: Path) -> SuffixList:
    content = path.read_bytes()
    found = re.search(rb"^// VERSION: (\S+)", content, re.MULTILINE)
    version = found[1].decode() if found else f"sha256:{sha256(content).hexdigest()[:12]}"
    return SuffixList(path, version)


def registered_domain(host: str) -> str:
    """Return the eTLD+1 of a host in its one spelling (see `ParsedUrl.host`).

    An IP address, a single label and a public suffix are each their own. A name under a suffix
    that is not listed keeps two labels (the list's default rule, `*`).
    """
    rest, dot, top = host.rpartition(".")
    if not dot or ":" in host or top.isdigit():  # the URL standard lets no name end in a number
        return host
    if top not in _divided():
        return f"{rest.rpartition('.')[2]}.{top}"
    labels = host.split(".")
    start, _ = public_suffix(labels, _rules()) or (len(labels) - 1, False)
    return ".".join(labels[max(0, start - 1) :])


@cache
def _divided() -> frozenset[str]:
    """Return the last labels that have rules below them: few names of a list have one of these."""
    return frozenset(top for top, below in _rules().items() if below.keys() != {END})


@cache
def _rules() -> Rules:
    return rules_of(suffix_list().path.read_text(encoding="utf-8"), private=False)
