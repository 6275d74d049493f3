"""Who hosts a link: the range join against the table read by hand, and the signs of products."""

import bisect
import random
from collections.abc import Iterator
from datetime import date
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from analysis.offline import DATA, NETWORKS, offline_files, provider_rules
from analysis.private_suffixes import customer
from analysis.runfile import read_run
from analysis.session import Session, Terms, ask
from analysis.tenants import is_shared
from crawler.domains import registered_domain
from crawler.offline.kept import keep
from crawler.offline.networks import TABLE_NAME, networks_table, packed
from crawler.records.errors import RunFailed
from tests.analysis.asking import rows_of
from tests.analysis.runs import crawl, link, look, plan
from tests.analysis.test_tenants import CASES

Address = IPv4Address | IPv6Address
Range = tuple[bytes, bytes, int]


def run_of(folder: Path, seen: list[tuple[str, str]]) -> Path:
    """Write a run that was connected to these hosts at these addresses."""
    run = plan(folder / "run", [link(0)])
    looks = [
        look(number, host=host, registered_domain=registered_domain(host), ip=ip)
        for number, (host, ip) in enumerate(seen)
    ]
    crawl(run, looks)
    return run


@pytest.fixture(scope="module")
def ranges() -> list[Range]:
    """Return the table of networks as rows."""
    table = pq.read_table(offline_files()[NETWORKS], columns=["first", "last", "asn"])
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def innermost(ranges: list[Range], lasts: "np.ndarray[Any, Any]", address: Address) -> int | None:
    """Return the ASN of an address by looking at every range that begins before it.

    `lasts` has the ends of the ranges: half a million are compared at once.
    """
    key = packed(address)
    before = bisect.bisect_right(ranges, key, key=lambda row: row[0])
    covering = [ranges[at] for at in np.flatnonzero(lasts[:before] >= np.bytes_(key))]
    return (
        max(covering, key=lambda row: (row[0], [-byte for byte in row[1]]))[2] if covering else None
    )


def lasts_of(ranges: list[Range]) -> "np.ndarray[Any, Any]":
    """Return the ends of ranges, which compare as their bytes do."""
    return np.array([last for _, last, _ in ranges], "S16")


def borders(ranges: list[Range], rng: random.Random) -> Iterator[Address]:
    """Yield the ends of some ranges, what lies beside them, and any addresses."""
    overlap = [
        row for row in ranges if row[2] in (721, 749) and row[0] >= packed(ip_address("214.0.0.0"))
    ]
    for first, last, _ in [*rng.sample(ranges, 12), *overlap[-4:]]:
        for number in (int.from_bytes(first), int.from_bytes(last)):
            yield from (unpacked(number + step) for step in (-1, 0, 1))
    yield from (IPv4Address(rng.getrandbits(32)) for _ in range(10))
    yield from (IPv6Address((0x2A << 120) | rng.getrandbits(120)) for _ in range(10))


def unpacked(number: int) -> Address:
    """Return the address that sixteen bytes stand for."""
    mapped = IPv6Address(number % 2**128).ipv4_mapped
    return IPv6Address(number % 2**128) if mapped is None else mapped


def test_every_border_is_on_its_side(ranges: list[Range], tmp_path: Path) -> None:
    """At, before and behind the ends of ranges, the join says what reading the table by hand says."""
    asked = sorted({str(address) for address in borders(ranges, random.Random(5))})
    run = run_of(tmp_path, [("a.test", ip) for ip in asked])
    found = {row["ip"]: row["asn"] for row in rows_of(run, "select ip, asn from providers")}
    lasts = lasts_of(ranges)
    assert found == {ip: innermost(ranges, lasts, ip_address(ip)) for ip in asked}
    assert None in found.values()
    assert len(set(found.values())) > 25


def test_no_address_is_held_against_every_network(tmp_path: Path) -> None:
    """However few addresses DuckDB expects, networks are merged with them and not compared one by one."""
    run = read_run(run_of(tmp_path, [("a.test", "192.0.2.1")]))

    def plan_of(session: Session) -> str:
        explained = session.connection.execute("explain from address_networks").fetchall()
        return str(explained[0][1])

    found = ask(run, plan_of, Terms(tables=("address_networks",)))
    assert "Asof Join" in found


def test_ranges_within_ranges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of nested, half covering and equally beginning ranges the innermost counts, at every border."""
    rng = random.Random(11)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    starts = [rng.randrange(0, 600) * 4 for _ in range(1200)]
    ends = [start + rng.choice([0, 3, 4, 9, 40, 500]) for start in starts]
    pairs = sorted(set(zip(starts, ends, strict=True)))
    base = int(ip_address("5.0.0.0"))
    rows = [
        f"{IPv4Address(base + start)},{IPv4Address(base + end)},{n},Ours"
        for n, (start, end) in enumerate(pairs)
    ]
    rows += [f"7.{n // 256}.{n % 256}.0,7.{n // 256}.{n % 256}.9,9,Others" for n in range(1000)]
    keep(TABLE_NAME, networks_table(["\n".join(rows).encode()], date(2031, 1, 1)))
    table = pq.read_table(offline_files()[NETWORKS], columns=["first", "last", "asn"])
    ranges = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    asked = [str(IPv4Address(base + offset)) for offset in range(0, 3000, 3)]
    run = run_of(tmp_path, [("a.test", ip) for ip in asked])
    found = {row["ip"]: row["asn"] for row in rows_of(run, "select ip, asn from providers")}
    lasts = lasts_of(ranges)
    assert found == {ip: innermost(ranges, lasts, ip_address(ip)) for ip in asked}


def test_every_storage_host_is_told_apart(tmp_path: Path) -> None:
    """What `tenants` takes for object storage, `providers` does as well; and nothing else of it."""
    hosts = sorted({host for host, _ in CASES})
    run = run_of(tmp_path, [(host, "192.0.2.1") for host in hosts])
    kinds = {row["host"]: row["kind"] for row in rows_of(run, "select host, kind from providers")}
    for (host, _), found in CASES.items():
        if found is not None:
            assert (kinds[host] == "object_storage") == found[1], host
        elif not is_shared(host, customer) and host != "github.io":
            assert kinds[host] == "network", host


def test_every_sign_has_a_source() -> None:
    """No line of data/providers is without the page that says so, and every range has both ends."""
    rules = provider_rules().to_pylist()
    assert all(rule["source"].startswith("https://") for rule in rules)
    assert all(rule["first"] < rule["last"] for rule in rules if rule["told_by"] == "range")
    assert {rule["told_by"] for rule in rules} == {"host", "range", "network", "server"}


def test_a_renewed_table_is_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that `stillup refresh` kept is in the place of the shipped one, with its own date."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert offline_files()[NETWORKS] == DATA / "asn" / "networks.parquet"
    rows = "\n".join(
        f"5.{n // 256}.{n % 256}.0,5.{n // 256}.{n % 256}.255,64500,Ours" for n in range(1000)
    )
    keep(TABLE_NAME, networks_table([rows.encode()], date(2031, 1, 1)))
    run = run_of(tmp_path, [("a.test", "5.0.0.0"), ("b.test", "104.16.1.1")])
    ours, theirs = rows_of(run, "from providers order by host")
    assert (ours["asn"], ours["network"], ours["as_of"]) == (
        64500,
        "5.0.0.0-5.0.0.255",
        "2031-01-01",
    )
    assert (theirs["asn"], theirs["kind"]) == (None, "cdn")


def test_a_session_reads_no_other_file(tmp_path: Path) -> None:
    """The table of networks is read under its own name; nothing else of data/ has one."""
    run = run_of(tmp_path, [("a.test", "192.0.2.1")])
    assert (
        rows_of(run, "select count(*) as n from 'run://offline/networks.parquet'")[0]["n"] > 500_000
    )
    for path in ("run://offline/../offline/x.parquet", "run://offline/README.md"):
        with pytest.raises(RunFailed):
            rows_of(run, f"from read_parquet('{path}')")
