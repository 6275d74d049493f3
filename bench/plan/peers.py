"""What else could be done with a list: two programs that do less than a plan, each a process.

`python -m bench.plan.peers NAME LIST TARGET SHARDS`. Neither gives what a plan gives: no URL is
parsed by the standard, nothing keeps a domain in one shard, and no row knows its link.
"""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq


def partition(source: Path, target: Path, shards: int) -> None:
    """DuckDB deals the rows out by a hash of the host, cut out by slashes, and writes them."""
    query = f"""
        copy (
            select *, hash(split_part(URL, '/', 3)) % {shards} as shard
            from read_parquet('{source}/*.parquet')
        ) to '{target}' (format parquet, compression zstd, partition_by (shard))
    """
    with duckdb.connect() as con:
        con.execute("set memory_limit = '3GB'")
        con.execute(query)


def script(source: Path, target: Path, shards: int) -> None:
    """A script's way: urllib for each URL, a set against repetitions, all rows in memory."""
    table = pq.read_table(source)
    seen: set[str] = set()
    hosts: list[str | None] = []
    for url in table["URL"].to_pylist():
        known = url in seen
        seen.add(url)
        hosts.append(None if known else _host(url))
    table = table.append_column("host", pa.array(hosts, pa.string()))
    table = table.filter(table["host"].is_valid()).sort_by("host")
    target.mkdir()
    share = -(-table.num_rows // shards)
    for shard in range(shards):
        pq.write_table(table.slice(shard * share, share), target / f"{shard}.parquet")


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


PEERS = {"partition": partition, "script": script}

if __name__ == "__main__":
    PEERS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
