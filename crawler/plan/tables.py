"""Keys of staged rows → links, hosts, domains and their places, numbers first and DuckDB then.

Room: sql. What is said of a row is counted among numbers (`repeats`, `firsts`); of hosts, domains
and slots there are tables, and each step is one file of `sql/`, with its grain. The tables are in
memory as far as they fit there, and spill to the staging folder.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import xxhash

from crawler.domains import registered_domain
from crawler.plan import sample as drawing
from crawler.plan import shards as placing
from crawler.plan.firsts import Chosen, Firsts, count
from crawler.plan.host_codes import HostCodes
from crawler.plan.positions import Slots
from crawler.plan.repeats import find_repeats, link_ids
from crawler.plan.sample import Draw
from crawler.plan.staged import Numbers, StagedFile, read_keys
from crawler.plan.threads import at_once
from crawler.records.link import DATASET_ROWS_SCHEMA

MEMORY_LIMIT = "1500MB"
_FILES_AT_ONCE = 16  # whose new hosts are looked up together
_SQL = Path(__file__).parent / "sql"


class PlanTables:
    """The tables of one plan, made step by step in the order of the methods below."""

    def __init__(
        self, folder: Path, files: Sequence[StagedFile], names: Sequence[str], draw: Draw
    ) -> None:
        """Open an empty database that spills to `folder`, for staged rows and source names."""
        self._files = files
        self._names = pa.array(names, pa.string())
        self._con = duckdb.connect()
        self._thread = ThreadPoolExecutor(1, "plan-query")
        self._con.execute("set memory_limit = ?", [MEMORY_LIMIT])
        self._con.execute("set temp_directory = ?", [str(folder / "spill")])
        self._con.execute(_text("schema"))
        self._moved: dict[tuple[int, int], int] = {}
        self._chosen = Chosen(draw, self._moved)
        self._hosts = 0

    def close(self) -> None:
        """Close the database; its file may be removed after this."""
        self._thread.shutdown()
        self._con.close()

    def group_rows(self) -> int:
        """Find what the dataset names more than once; return how many distinct links it has."""
        links, clashes = find_repeats(self._files, self._moved)
        if clashes:
            self._part(clashes)
            links, _ = find_repeats(self._files, self._moved)
        return links

    def name_domains(self) -> None:
        """Number all hosts, and look up the registered domain of each."""
        hosts = HostCodes(self._files)
        self._hosts = hosts.count
        seen = hosts.first_seen()
        while some := list(islice(seen, _FILES_AT_ONCE)):
            names = pa.concat_arrays([names for _, names in some])
            domains = pa.array(map(registered_domain, names.to_pylist()), pa.string())
            codes = np.concatenate([codes for codes, _ in some])
            self._append(
                "host_domains",
                pa.table({"code": codes, "host": names, "registered_domain": domains}),
            )

    def keep(self, sample: float, max_per_domain: int | None) -> int:
        """Settle which links the run has, with their weights; return how many there are."""
        self._count_links()
        self._run("sizes")
        if max_per_domain is not None:
            self._cap(max_per_domain)
            self._count_links()
        self._run("hosts")
        self._run("domains", sample=sample, max_per_domain=max_per_domain)
        return self._sum("links", "size")

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
        self._slots = self._numbered(shards)
        self._count_shared()
        sampled = self._chosen.draw.fraction
        self._run("slots", invalid_slot=self._slots.invalid_slot, sample=sampled)

    def placed(self, file: StagedFile) -> tuple[Firsts, Numbers]:
        """Return the links whose first row is in a file, and the slot of each."""
        firsts = self._chosen.firsts(file)
        return firsts, self._slots.of(firsts.link_ids, *firsts.row_codes())

    def drawn(self, file: StagedFile) -> Numbers:
        """Tell which rows of a file have text."""
        return self._chosen.drawn(file)

    def shard_sizes(self) -> list[tuple[int, int]]:
        """Return the shards that have links, in order, and how many they have."""
        sizes = "select shard, sum(links)::bigint from slots group by shard order by shard"
        return self._con.execute(sizes).fetchall()

    def slot_starts(self) -> pa.Table:
        """Return the slots that have links, in their order, and the position at which each starts."""
        return self._con.sql("select slot, start from slots order by slot").to_arrow_table()

    def slots_between(self, first: int, last: int) -> pa.Table:
        """Return the slots that have links from one position to another, and how many there.

        May be asked by several threads at a time.
        """
        with self._con.cursor() as cursor:
            between = {"first": first, "last": last}
            return cursor.sql(_text("slots_between"), params=between).to_arrow_table()

    def dataset_rows(self) -> Iterator[pa.RecordBatch]:
        """Yield the dataset rows of kept links in source order (`DATASET_ROWS_SCHEMA`)."""
        for file in self._files:
            ids = link_ids(file, self._moved)
            rows = np.flatnonzero(self._kept_rows(file, ids))
            source = pa.repeat(self._names[file.place.source], len(rows))
            numbers = pa.array((rows + file.place.first_source_row).astype(np.uint64))
            columns = [source, numbers, pa.array(ids[rows])]
            yield pa.RecordBatch.from_arrays(columns, schema=DATASET_ROWS_SCHEMA)

    def select(self, name: str) -> pa.Table:
        """Return what a file of `sql/` selects, when it is small."""
        return self._con.sql(_text(name)).to_arrow_table()

    def _part(self, clashes: Sequence[tuple[int, int]]) -> None:
        """Give every key but the first of a shared id an id of its own."""
        seen: set[int] = set()
        for link_id, check in clashes:
            if link_id in seen:
                self._moved[link_id, check] = self._free_id(link_id, check)
            seen.add(link_id)

    def _free_id(self, link_id: int, check: int) -> int:
        for attempt in range(1000):
            wanted = xxhash.xxh3_64_intdigest(f"{link_id} {check} {attempt}".encode())
            ids = (read_keys(file).link_ids for file in self._files)
            taken = wanted in self._moved.values()
            if not taken and not any((some == np.uint64(wanted)).any() for some in ids):
                return wanted
        raise AssertionError(link_id)

    def _count_links(self) -> None:
        counts = count(self._files, self._chosen, self._hosts)
        codes = np.flatnonzero(counts.links)
        self._con.execute("delete from counted; delete from size")
        numbers = {"code": codes, "links": counts.links[codes], "origins": counts.origins[codes]}
        self._append("counted", pa.table(numbers))
        links = int(counts.links.sum()) + counts.invalid_links
        self._con.execute("insert into size values (?, ?)", [links, counts.invalid_links])

    def _cap(self, max_per_domain: int) -> None:
        """Keep at most so many links of a registered domain, and write down which, file by file."""
        for file in self._files:
            self._append("candidates", self._candidates(file))
        self._run("kept", max_per_domain=max_per_domain)
        for file in self._files:
            first = file.place.first_row
            between = [first, first + file.rows - 1]
            rows = self._con.execute("select row from kept where row between ? and ?", between)
            (rows.fetchnumpy()["row"].astype(np.int64) - first).tofile(file.path("kept"))
        self._chosen = Chosen(self._chosen.draw, self._moved, capped=True)

    def _candidates(self, file: StagedFile) -> pa.Table:
        firsts = self._chosen.firsts(file)
        codes, has_host = firsts.row_codes()
        staged_ids = pa.array(read_keys(file).link_ids[firsts.rows])
        return pa.table({
            "row": firsts.rows + file.place.first_row,
            "link_id": firsts.link_ids,
            "draw": drawing.draws(staged_ids, self._chosen.draw.seed),
            "code": pa.array(codes, mask=~has_host),
        })  # fmt: skip

    def _kept_rows(self, file: StagedFile, ids: Numbers) -> Numbers:
        """Tell which rows of a file name a link of the run."""
        if not self._chosen.capped:
            return self._chosen.drawn(file)
        with self._con.cursor() as cursor:  # other threads ask as well
            cursor.register("named", pa.table({"link_id": ids}))
            kept = cursor.execute(
                "select distinct link_id from named semi join kept using (link_id)"
            ).fetchnumpy()["link_id"]
        return np.isin(ids, kept) & self._chosen.drawn(file)

    def _numbered(self, shards: int) -> Slots:
        """Bring the slots of hosts into arrays, by the codes of hosts: 10 bytes a host."""
        rows = self._con.sql("select code, first_slot, domain_shards from host_slots")
        first_slot = np.zeros(self._hosts + 1, np.uint64)
        domain_shards = np.ones(self._hosts + 1, np.uint16)
        for batch in rows.to_arrow_reader(1 << 20):
            codes, starts, parts = (column.to_numpy() for column in batch.columns)
            first_slot[codes], domain_shards[codes] = starts, parts
        invalid_slot = self._sum("domain_shards", "host_slots")
        return Slots(first_slot, domain_shards, invalid_slot, shards)

    def _count_shared(self) -> None:
        """Count the links of slots that do not have all links of a host."""

        def of_file(file: StagedFile) -> tuple[Numbers, Numbers]:
            firsts = self._chosen.firsts(file)
            codes, has_host = firsts.row_codes()
            at = np.flatnonzero(self._slots.is_shared(codes, has_host))
            slots = self._slots.of(firsts.link_ids[at], codes[at], has_host[at])
            return np.unique(slots, return_counts=True)

        for slots, links in at_once(of_file, self._files):
            self._append("shared_slots", pa.table({"slot": slots, "links": links}))

    def _run(self, name: str, **parameters: Any) -> duckdb.DuckDBPyConnection:
        """Run a file of `sql/` in a thread, since DuckDB may not see Ctrl-C in its own waiting."""
        running = self._thread.submit(self._con.execute, _text(name), parameters)
        try:
            return running.result()
        except KeyboardInterrupt:
            self._con.interrupt()
            wait([running])
            raise

    def _append(self, table: str, rows: pa.Table) -> None:
        self._con.register("appended", rows)
        self._con.execute(f"insert into {table} select * from appended")
        self._con.unregister("appended")

    def _sum(self, expression: str, table: str) -> int:
        found = self._con.execute(f"select coalesce(sum({expression}), 0) from {table}")
        return int(found.fetchall()[0][0])


def _text(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")
