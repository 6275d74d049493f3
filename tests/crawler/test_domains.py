"""Registered domains, by the pinned suffix list."""

import re
from pathlib import Path

import can_ada
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import domains
from crawler.domains import keep_list, refreshed_list, registered_domain, suffix_list
from tests.suffixes import by_tldextract, names_of

VECTORS = re.findall(
    r"^checkPublicSuffix\('([^.'][^']*)', (?:'([^']*)'|null)\);",
    (Path(__file__).parent / "vectors" / "test_psl.txt").read_text(encoding="utf-8"),
    re.MULTILINE,
)


@pytest.mark.parametrize(("name", "expected"), VECTORS)
def test_suffix_list_vectors(name: str, expected: str) -> None:
    """The list's own vectors hold; a public suffix is its own domain, private suffixes are none."""
    host = can_ada.parse(f"http://{name}").hostname
    wanted = can_ada.parse(f"http://{expected or name}").hostname
    if host.endswith(".uk.com"):  # a private suffix
        wanted = "uk.com"
    assert registered_domain(host) == wanted


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("localhost", "localhost"),
        ("co.uk", "co.uk"),
        ("somebody.github.io", "github.io"),
        ("bucket.s3.amazonaws.com", "amazonaws.com"),
        ("a.b.test", "b.test"),
        ("deep.below.xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("under_score.example.com", "example.com"),
        ("a1.b2", "a1.b2"),
    ],
)
def test_hosts_of_every_kind(host: str, domain: str) -> None:
    """Addresses and single labels are their own domain; unlisted suffixes count as one label."""
    assert registered_domain(host) == domain


def test_refreshed_list_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list kept by `stillup refresh` is in use instead of the pinned one, and says its version."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    kept = keep_list("// VERSION: 2031-01-01\n// ===BEGIN ICANN DOMAINS===\ncom\n")
    assert kept.path == refreshed_list()
    assert kept.version == "2031-01-01"
    assert domains._described(refreshed_list()) == kept
    assert suffix_list.__wrapped__() == kept


_ORACLE = by_tldextract(suffix_list().path, private=False)


def said(host: str) -> str:
    """Return the registered domain of a name with a dot as tldextract itself says it."""
    found = _ORACLE.extract_str(host)
    if found.suffix:
        return found.top_domain_under_public_suffix or host
    return ".".join(host.rsplit(".", 2)[-2:])


_NAMES = names_of(_ORACLE.tlds)
_LABELS = st.sampled_from(["a", "www", "b-c", "x_1", "city", "uk", "com", "github", "xn--55qx5d"])


@given(st.lists(_LABELS, max_size=4), st.sampled_from(_NAMES) | _LABELS)
def test_the_list_is_looked_up_as_tldextract_does(labels: list[str], ending: str) -> None:
    """Below any rule of the list, a wildcard or an exception among them, tldextract agrees."""
    host = ".".join([*labels, ending])
    assert registered_domain(host) == (said(host) if "." in host else host)


def test_no_rule_is_looked_up_otherwise() -> None:
    """Tldextract agrees on two names of each rule there is."""
    hosts = [f"{start}{name}" for name in _NAMES for start in ("a.b.", "")]
    names = [host for host in hosts if "." in host]
    assert [registered_domain(host) for host in names] == [said(host) for host in names]
