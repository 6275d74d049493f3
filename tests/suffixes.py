"""What tldextract says of a suffix list: the oracle for our own reading of it."""

import warnings
from pathlib import Path

import tldextract

from crawler.records.suffixes import _as_in_hosts


def by_tldextract(path: Path, *, private: bool) -> tldextract.TLDExtract:
    """Return tldextract with the list of a file; it leaves that file open."""
    made = tldextract.TLDExtract(
        None,
        suffix_list_urls=(path.absolute().as_uri(),),
        fallback_to_snapshot=False,
        include_psl_private_domains=private,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        made.extract_str("example.com")
    return made


def names_of(rules: list[str]) -> list[str]:
    """Return a name for each rule, as hosts spell it."""
    return [
        ".".join(map(_as_in_hosts, rule.split("."))).replace("*", "any").removeprefix("!")
        for rule in sorted(rules)
    ]
