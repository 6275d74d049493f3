"""Staged rows → links, hosts, domains and their places, in DuckDB.

Room: sql. Each step is one file of `sql/`, with its grain. What is larger than memory spills to
the staging folder, and text is only touched a stretch of rows at a time.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import xxhash

from crawler.domains import registered_domain
from crawler.plan import shards as placing
from crawler.records.link import DATASET_ROWS_SCHEMA

MEMORY_LIMIT = "1500MB"
# Files of staged rows that are joined with their text at a time: some two million rows.
_STRETCH_FILES = 32
_BATCH_ROWS = 50_000
_SQL = Path(__file__).parent / "sql"
_HOST_DOMAINS = pa.schema([("host", pa.string()), ("registered_domain", pa.string())])


class PlanTables:
    """The tables of one plan, made step by step in the order of the methods below."""

    def __init__(self, folder: Path, staged: Sequence[Path], names: Sequence[str]) -> None:
        """Open an empty database in `folder` over the files of staged rows and source names."""
        self._files = [str(path) for path in staged]
        self._con = duckdb.connect(str(folder / "plan.duckdb"))
        self._thread = ThreadPoolExecutor(1, "plan-query")
        self._con.execute("set memory_limit = ?", [MEMORY_LIMIT])
        self._con.execute("set temp_directory = ?", [str(folder / "spill")])
        self._con.execute(_text("schema"))
        numbered = pa.table({"source": pa.array(range(len(names)), pa.uint32()), "name": names})
        self._append("sources", numbered)
        self._sample, self._capped = 1.0, False

    def close(self) -> None:
        """Close the database; its file may be removed after this."""
        self._thread.shutdown()
        self._con.close()

    def group_rows(self) -> int:
        """Find what the dataset names more than once; return how many distinct links it has."""
        self._run("repeated", files=self._files)
        if self._part_clashes():
            self._run("repeated", files=self._files)
        rows = self._count("read_parquet($files)", files=self._files)
        return rows - self._sum("row_count - 1", "repeated")

    def name_domains(self) -> None:
        """Look up the registered domain of each distinct host."""
        self._run("origins", files=self._files, capped=False)
        reading = self._con.cursor()
        hosts = reading.sql("select distinct host from origins where host is not null")
        for batch in hosts.to_arrow_reader(_BATCH_ROWS):
            domains = [registered_domain(host) for host in batch.column(0).to_pylist()]
            pairs = [batch.column(0), pa.array(domains, pa.string())]
            self._append("host_domains", pa.Table.from_arrays(pairs, schema=_HOST_DOMAINS))
        reading.close()

    def keep(self, sample: float, max_per_domain: int | None) -> int:
        """Settle which links the run has, with their weights; return how many there are."""
        self._sample, self._capped = sample, max_per_domain is not None
        self._run("sizes")
        if self._capped:
            self._run("kept", files=self._files, max_per_domain=max_per_domain)
            self._run("origins", files=self._files, capped=True)
        self._run("hosts")
        self._run("domains", sample=sample, max_per_domain=max_per_domain)
        return self._sum("links", "origins")

    def place(self, links: int, shards: int) -> None:
        """Give every link of the run its shard."""
        head = self._con.execute(
            "select registered_domain, links from domains order by links desc, registered_domain"
            " limit ?",
            [placing.HEAD],
        ).fetchall()
        parts = placing.place(head, links, shards)
        columns = ["registered_domain", "part", "domain_shards", "shard"]
        rows = {name: [getattr(part, name) for part in parts] for name in columns}
        if parts:
            self._append("domain_parts", pa.table(rows))
        self._run("tail_domains", shards=shards)
        self._run("host_slots")
        invalid_slot = self._sum("domain_shards", "host_slots")
        self._run(
            "placed",
            files=self._files, capped=self._capped, invalid_slot=invalid_slot, shards=shards,
        )  # fmt: skip
        self._run("slots", invalid_slot=invalid_slot, sample=self._sample)

    def placed_between(self, first_row: int, last_row: int) -> pa.Table:
        """Return the links whose first row lies between two rows, ordered by row."""
        placed = "from placed where row between $first and $last order by row"
        rows = {"first": first_row, "last": last_row}
        return self._con.sql(placed, params=rows).to_arrow_table()

    def slot_starts(self) -> pa.Table:
        """Return the slots that have links, in their order, and the position at which each starts."""
        return self._con.sql("select slot, start from slots order by slot").to_arrow_table()

    def slots_between(self, first: int, last: int) -> pa.Table:
        """Return the slots that have links from one position to another, and how many there."""
        return self._select("slots_between", first=first, last=last).to_arrow_table()

    def dataset_rows(self) -> Iterator[pa.RecordBatch]:
        """Yield the dataset rows of kept links in source order (`DATASET_ROWS_SCHEMA`)."""
        if not self._capped and not self._count("moved"):
            names = self._con.sql("select name from sources order by source").to_arrow_table()
            for file in self._files:
                yield from _as_staged(names["name"].combine_chunks(), file).to_batches()
            return
        for files in self._stretches():
            rows = self._select("dataset_rows", files=files, capped=self._capped)
            yield from rows.to_arrow_reader(_BATCH_ROWS)

    def select(self, name: str) -> pa.Table:
        """Return what a file of `sql/` selects, when it is small."""
        return self._select(name).to_arrow_table()

    def _part_clashes(self) -> bool:
        """Give every key but the first of a shared id an id of its own; tell if there is one."""
        rows = self._run("clashes", files=self._files).fetchall()
        seen: set[int] = set()
        moved = []
        for link_id, check, _ in rows:
            if link_id in seen:
                moved.append((link_id, check, self._free_id(link_id, check)))
            seen.add(link_id)
        if moved:
            self._con.executemany("insert into moved values (?, ?, ?)", moved)
        return bool(moved)

    def _free_id(self, link_id: int, check: int) -> int:
        for attempt in range(1000):
            wanted = xxhash.xxh3_64_intdigest(f"{link_id} {check} {attempt}".encode())
            taken = (
                "select 1 from read_parquet($files) where link_id = $id"
                " union all select 1 from moved where new_link_id = $id"
            )
            if self._con.execute(taken, {"id": wanted, "files": self._files}).fetchone() is None:
                return wanted
        raise AssertionError(link_id)

    def _stretches(self) -> Iterator[list[str]]:
        """Yield some files of staged rows at a time."""
        for start in range(0, len(self._files), _STRETCH_FILES):
            yield self._files[start : start + _STRETCH_FILES]

    def _run(self, name: str, **parameters: Any) -> duckdb.DuckDBPyConnection:
        """Run a file of `sql/` in a thread, since DuckDB may not see Ctrl-C in its own waiting."""
        running = self._thread.submit(self._con.execute, _text(name), parameters)
        try:
            return running.result()
        except KeyboardInterrupt:
            self._con.interrupt()
            wait([running])
            raise

    def _select(self, name: str, **parameters: Any) -> Any:
        return self._con.sql(_text(name), params=parameters)

    def _append(self, table: str, rows: pa.Table) -> None:
        self._con.register("appended", rows)
        self._con.execute(f"insert into {table} select * from appended")
        self._con.unregister("appended")

    def _count(self, what: str, **parameters: Any) -> int:
        found = self._con.execute(f"select count(*) from {what}", parameters)
        return int(found.fetchall()[0][0])

    def _sum(self, expression: str, table: str) -> int:
        found = self._con.execute(f"select coalesce(sum({expression}), 0) from {table}")
        return int(found.fetchall()[0][0])


def _as_staged(names: pa.Array, path: str) -> pa.Table:
    """Read the drawn rows of a file of staged rows."""
    rows = pq.read_table(path, columns=["source", "source_row", "link_id", "drawn"])
    rows = rows.filter(rows["drawn"]).combine_chunks()
    columns = [names.take(rows["source"].combine_chunks()), rows["source_row"], rows["link_id"]]
    return pa.Table.from_arrays(columns, schema=DATASET_ROWS_SCHEMA)


def _text(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")
