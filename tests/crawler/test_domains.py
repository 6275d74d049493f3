"""Registered domains, by the pinned suffix list."""

import re
from pathlib import Path

import can_ada
import pytest

from crawler import domains
from crawler.domains import keep_list, refreshed_list, registered_domain, suffix_list

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
