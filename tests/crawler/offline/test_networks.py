"""The table of networks: what a CSV file becomes, and what is refused."""

import gzip
import io
import zlib
from datetime import date
from ipaddress import ip_address

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.offline.networks import NETWORKS_SCHEMA, SHIPPED, networks_table, packed
from crawler.records.errors import RunFailed

DAY = date(2026, 6, 17)
ROWS = [f'5.{n // 256}.{n % 256}.0,5.{n // 256}.{n % 256}.255,{n},"Ours, {n}"' for n in range(1500)]
V6 = "2a00::,2a00::ffff,64500,Theirs\n"


def test_both_families_in_one_order() -> None:
    """Files of both families, gzipped or not, become one table in the order of addresses."""
    files = [V6.encode(), gzip.compress("\n".join(reversed(ROWS)).encode())]
    table = pq.read_table(io.BytesIO(networks_table(files, DAY)))
    assert table.schema.equals(NETWORKS_SCHEMA)
    firsts = table["first"].to_pylist()
    assert firsts == sorted(firsts)
    assert len(firsts) == len(ROWS) + 1
    assert table.slice(0, 1).to_pylist() == [
        {
            "first": packed(ip_address("5.0.0.0")),
            "last": packed(ip_address("5.0.0.255")),
            "asn": 0,
            "organisation": "Ours, 0",
            "as_of": DAY,
            "overlaps": False,
        }
    ]


def test_what_overlaps_is_marked() -> None:
    """A range that another begins in is marked, whether nested, at the same start or half covered."""
    shapes = [
        "9.0.0.0,9.0.9.255",
        "9.0.1.0,9.0.1.255",
        "9.0.9.0,9.1.0.255",
        "9.2.0.0,9.2.0.9",
        "9.2.0.0,9.2.0.99",
    ]
    files = ["\n".join(f"{shape},1,Ours" for shape in shapes).encode(), "\n".join(ROWS).encode()]
    table = pq.read_table(io.BytesIO(networks_table(files, DAY)))
    rows = [row for row in table.to_pylist() if row["overlaps"]]
    assert [row["first"] for row in rows] == [
        packed(ip_address(f"9.{part}.0")) for part in ("0.0", "2.0", "2.0")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<!doctype html>",
        "1.0.0.0,1.0.0.255,5",
        "1.0.0.9,1.0.0.1,5,x",
        "1.0.0.0,::1,AS5,x",
        "1.0.0.0,2001:db8::,5,x",
        f'1.0.0.0,1.0.0.1,5,"{"x" * 200_000}"',
        "1.0.0.0,1.0.0.1,-1,x",
        "",
    ],
)
def test_what_is_no_table(text: str) -> None:
    """A page of HTML, a row with a hole, a range that runs backwards: none is kept."""
    with pytest.raises(RunFailed):
        networks_table([text.encode()], DAY)


def test_a_packed_table_that_is_broken_cut_or_without_end() -> None:
    """A gzip file is read as one, or refused in a sentence; one that swells is not unpacked."""
    packed_rows = gzip.compress("\n".join(ROWS).encode())
    assert networks_table([packed_rows], DAY) == networks_table(["\n".join(ROWS).encode()], DAY)
    for broken in (
        packed_rows[:-9],
        packed_rows[:5],
        b"\x1f\x8bnone",
        packed_rows[:40] + b"x" * 40,
    ):
        with pytest.raises(RunFailed, match="gzip"):
            networks_table([broken], DAY)
    packer = zlib.compressobj(1, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(300)) + packer.flush()
    with pytest.raises(RunFailed, match="larger than"):
        networks_table([bomb], DAY)


@given(st.ip_addresses(), st.ip_addresses())
def test_bytes_compare_as_addresses_do(one: object, other: object) -> None:
    """Packed addresses have sixteen bytes and the order of the addresses, within a family."""
    first, second = ip_address(str(one)), ip_address(str(other))
    assert len(packed(first)) == 16
    if first.version == second.version:
        assert (packed(first) < packed(second)) == (int(first) < int(second))


def test_the_shipped_table_is_of_its_date() -> None:
    """What is shipped has the columns, and the size and day that its README says."""
    file = pq.ParquetFile(SHIPPED)
    assert file.schema_arrow.equals(NETWORKS_SCHEMA)
    readme = (SHIPPED.parent / "README.md").read_text(encoding="utf-8")
    assert f"{file.metadata.num_rows:,} ranges" in readme
    assert file.read_row_group(0, columns=["as_of"])["as_of"][0].as_py() == DAY
