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
    if "." not in host or _is_address(host):
        return host
    labels = host.split(".")
    return ".".join(labels[max(0, _suffix_start(labels) - 1) :])


def _suffix_start(labels: list[str]) -> int:
    """Return where the public suffix of a name begins: its longest rule, else the last label."""
    rules, start = _rules(), len(labels) - 1
    for at in range(len(labels) - 1, -1, -1):
        label = labels[at]
        if label in rules:
            rules = rules[label]
            start = at if _END in rules else start
        elif "*" in rules:
            return at + 1 if "!" + label in rules else at
        else:
            break
    return start


def _is_address(host: str) -> bool:
    """Tell an address from a name; the URL standard lets no name end in a number."""
    return ":" in host or host.rpartition(".")[2].isdigit()


# The rules below a label, by the next label to the left; `_END` is there where a rule ends.
_Rules = dict[str, "_Rules"]
_END = ""
# A rule is the first word of a line; comments begin with slashes. As tldextract reads the list, which
# takes a third of a second to be imported and to read it.
_RULE = re.compile(r"^[.*!]*\w\S*", re.MULTILINE)
_PRIVATE = "// ===BEGIN PRIVATE DOMAINS==="


@cache
def _rules() -> _Rules:
    """Return the list's rules as a tree of labels, as hosts spell them (A-labels)."""
    root: _Rules = {}
    text = suffix_list().path.read_text(encoding="utf-8")
    for suffix in _RULE.findall(text.partition(_PRIVATE)[0]):
        rules = root
        for label in reversed(suffix.split(".")):
            rules = rules.setdefault(_as_in_hosts(label), {})
        rules[_END] = {}
    return root


def _as_in_hosts(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"
