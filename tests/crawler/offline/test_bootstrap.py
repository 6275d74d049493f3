"""Which RDAP server is asked, and what a file has to be for that."""

import json
from pathlib import Path

import pytest

from crawler.offline.bootstrap import bootstrap, proved
from crawler.offline.registrars import desks
from crawler.records.errors import RunFailed, WrongUse

VECTORS = Path(__file__).parents[1] / "vectors" / "rdap" / "bootstrap"


def test_the_shipped_files() -> None:
    """The five regional registries and the registries of domains are told apart, offline."""
    servers = bootstrap()
    assert servers.of_domain("example.com") == "https://rdap.verisign.com/com/v1/"
    assert servers.of_domain("a.b.example.org") == servers.of_domain("org")
    assert servers.of_domain("example.nonsense") is None
    registries = {
        "8.8.8.8": "arin", "193.0.0.1": "ripe", "1.1.1.1": "apnic", "200.3.14.10": "lacnic",
        "41.1.1.1": "afrinic", "2001:4860::1": "arin", "2a01:4f8::1": "ripe",
    }  # fmt: skip
    for address, registry in registries.items():
        assert registry in (servers.of_address(address) or ""), address
    assert servers.of_address("127.0.0.1") is None


def test_the_most_labels_and_the_longest_prefix_count(tmp_path: Path) -> None:
    """RFC 9224, 4 and 5: the closest entry is asked; the root's is for what has none."""
    servers = bootstrap(VECTORS / "dns_complex.json")
    assert servers.of_domain("www.sub.example.com") == "https://example.com/sub/"
    assert servers.of_domain("other.com") == "https://example.com/"
    assert servers.of_domain("example.org") == "https://example.root/"
    file = tmp_path / "blocks.json"
    wide, narrow = (
        (["10.0.0.0/8", "2a00::/12"], ["https://wide.test"]),
        (["10.1.0.0/16"], ["https://narrow.test"]),
    )
    file.write_text(json.dumps({"services": [wide, narrow]}))
    assert bootstrap(file).of_address("10.1.2.3") == "https://narrow.test/"
    assert bootstrap(file).of_address("10.2.2.3") == "https://wide.test/"
    assert bootstrap(file).of_address("2a01::1") == "https://wide.test/"


def test_what_cannot_be_used_is_passed_over() -> None:
    """An entry without an https server, or without anything, spoils no other (RFC 9224, 3)."""
    for name in ("dns_bad_services", "dns_bad_url"):
        servers = bootstrap(VECTORS / f"{name}.json")
        assert servers.of_domain("example.cz") == "https://rdap.nic.cz/"
        assert servers.of_domain("www.example") is None


def test_a_block_that_is_none_spoils_no_other(tmp_path: Path) -> None:
    """A registry's misprint costs its own block alone."""
    file = tmp_path / "ipv4.json"
    blocks = ["8.0.0.1/8", "300.0.0.0/8", "9.0.0.0/8"]
    file.write_text(json.dumps({"services": [[blocks, ["https://whole.test/"]]]}))
    assert bootstrap(file).of_address("9.1.1.1") == "https://whole.test/"
    assert bootstrap(file).of_address("8.1.1.1") is None


@pytest.mark.parametrize("name", ["dns_empty", "dns_syntax_error", "none"])
def test_what_is_no_bootstrap_file(name: str) -> None:
    """A broken file is said to be one, and what was fetched and names nobody is not kept."""
    path = VECTORS / f"{name}.json"
    with pytest.raises((WrongUse, RunFailed)):
        bootstrap(path)
    with pytest.raises(RunFailed):
        proved(path.read_bytes() if path.is_file() else b"{}")


def test_the_desks_of_registrars() -> None:
    """The table has usable addresses of most registrars, several in a cell, and the day of each."""
    found = desks()
    assert len(found) > 2500
    assert found[292].addresses == ("abusecomplaints@markmonitor.com",)
    assert found[269].addresses[0].endswith("@key-systems.net") or len(found[269].addresses) >= 1
    assert all(desk.as_of.year == 2025 for desk in found.values())
    assert any(len(desk.addresses) > 1 for desk in found.values())
