"""Keys of staged rows → links, hosts, domains and their places.

Room: sql. What is said of a row, a host or a domain is counted among numbers (`repeats`, `firsts`,
`ranks`, `domain_sizes`, `slots`), an array each. DuckDB sorts the names of hosts, and chooses among
the links of a domain that has too many; it spills to the staging folder.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from crawler.database import cursor, in_memory
from crawler.domains import registered_domain
from crawler.plan import domain_sizes
from crawler.plan import sample as drawing
from crawler.plan import shards as placing
from crawler.plan.domain_sizes import DomainSizes, per_domain, sizes_of
from crawler.plan.firsts import Chosen, Counts, Firsts, count
from crawler.plan.host_codes import HostCodes
from crawler.plan.ranks import Ranks, sort_hosts
from crawler.plan.repeats import find_repeats, link_ids
from crawler.plan.sample import Draw
from crawler.plan.shard_plans import shard_plans
from crawler.plan.slots import NO_RANK, Parts, Slots, numbered, parts_of, slots_of
from crawler.plan.staged import Numbers, StagedFile, read_keys
from crawler.plan.threads import at_once
from crawler.records.link import DATASET_ROWS_SCHEMA
from crawler.rundir import ShardPlan

Answer = TypeVar("Answer")
MEMORY_LIMIT = "1500MB"
_FILES_AT_ONCE = 16  # whose new hosts are looked up together
_SQL = Path(__file__).parent / "sql"


class PlanTables:
    """What there is of one plan, made step by step in the order of the methods below.

    The first two need nothing of each other and may run at the same time.
    """

    _ranks: Ranks
    _counts: Counts
    _sizes: DomainSizes
    _parts: Parts
    _slots: Slots

    def __init__(
        self, folder: Path, files: Sequence[StagedFile], names: Sequence[str], draw: Draw
    ) -> None:
        """Open an empty database that spills to `folder`, for staged rows and source names."""
        self._files = files
        self._names = pa.array(names, pa.string())
        self._con = in_memory(MEMORY_LIMIT, spill=folder / "spill")
        self._thread = ThreadPoolExecutor(1, "plan-query")
        self._con.execute(_text("schema"))
        self._moved: dict[tuple[int, int], int] = {}
        self._chosen = Chosen(draw, self._moved)

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
        """Number all hosts, look up the registered domain of each, and put them in order."""
        seen = HostCodes(self._files).first_seen()
        while some := list(islice(seen, _FILES_AT_ONCE)):
            names = pa.concat_arrays([names for _, names in some])
            domains = pa.array(map(registered_domain, names.to_pylist()), pa.string())
            codes = np.concatenate([codes for codes, _ in some])
            self._append(
                "host_domains",
                pa.table({"code": codes, "host": names, "registered_domain": domains}),
            )
        self._ranks = self._asked(lambda: sort_hosts(self._con, _text("hosts")))
        self._con.execute("drop table host_domains")

    def keep(self, sample: float, max_per_domain: int | None) -> int:
        """Settle which links the run has, with their weights; return how many there are."""
        self._count_links()
        drawn = per_domain(self._ranks, self._links())
        if max_per_domain is not None:
            self._cap(max_per_domain)
            self._count_links()
        self._sizes = sizes_of(
            self._ranks, self._links(), self._origins(), drawn, sample, max_per_domain
        )
        return self.totals()["links"]

    def place(self, links: int, shards: int) -> None:
        """Give every link of the run its shard."""
        head = placing.place(self._sizes.largest(placing.HEAD), links, shards)
        self._parts = parts_of(self._ranks, head, shards)
        first_slots, self._numbers = numbered(self._ranks, self._parts, shards)
        of_hosts = self._links()
        alone = (of_hosts > 0) & (self._parts.count[self._ranks.domain_of] == 1)
        counted = [(first_slots[alone], of_hosts[alone]), *self._shared()]
        invalid_slot = self._numbers.invalid_slot
        self._slots = slots_of(self._ranks, self._parts, first_slots, counted, invalid_slot)

    def placed(self, file: StagedFile) -> tuple[Firsts, Numbers]:
        """Return the links whose first row is in a file, and the slot of each."""
        firsts = self._chosen.firsts(file)
        return firsts, self._numbers.of(firsts.link_ids, *firsts.row_codes())

    def drawn(self, file: StagedFile) -> Numbers:
        """Tell which rows of a file have text."""
        return self._chosen.drawn(file)

    def shard_sizes(self) -> list[tuple[int, int]]:
        """Return the shards that have links, in order, and how many they have."""
        found = self._slots.by_shard()
        return [(shard, int(self._slots.links_of(which).sum())) for shard, which in found]

    def slot_starts(self) -> pa.Table:
        """Return the slots that have links, in their order, and the position at which each starts."""
        return self._slots.in_order()

    def slots_between(self, first: int, last: int) -> pa.Table:
        """Return the slots that have links from one position to another, and how many there."""
        which = self._slots.between(first, last + 1)
        rank, edges = self._slots.rank_of[which], self._slots.starts[which.start : which.stop + 1]
        at = pa.array(rank, mask=rank == NO_RANK)
        domain = pa.array(self._ranks.domain_of).take(at)
        weights = pa.array(self._sizes.weights).take(domain)
        return pa.table({
            "host": self._ranks.hosts.take(at).cast(pa.string()),
            "registered_domain": self._ranks.domains.take(domain).cast(pa.string()),
            "shard": self._slots.shards[which],
            "domain_shards": pa.array(self._parts.count).take(domain).fill_null(1),
            "weight": weights.fill_null(1 / self._chosen.draw.fraction),
            "links": np.diff(np.clip(edges.astype(np.int64), first, last + 1)),
        })  # fmt: skip

    def dataset_rows(self) -> Iterator[pa.RecordBatch]:
        """Yield the dataset rows of kept links in source order (`DATASET_ROWS_SCHEMA`)."""
        for file in self._files:
            ids = link_ids(file, self._moved)
            rows = np.flatnonzero(self._kept_rows(file, ids))
            source = pa.repeat(self._names[file.place.source], len(rows))
            numbers = pa.array((rows + file.place.first_source_row).astype(np.uint64))
            columns = [source, numbers, pa.array(ids[rows])]
            yield pa.RecordBatch.from_arrays(columns, schema=DATASET_ROWS_SCHEMA)

    def domains(self) -> pa.Table:
        """Return one row per registered domain of the run, largest first."""
        return domain_sizes.table(self._ranks, self._sizes, self._parts.lists())

    def totals(self) -> dict[str, int]:
        """Return the size of the run: links, those that are invalid, hosts, origins, domains."""
        invalid = self._counts.invalid_links
        return {
            "links": int(self._counts.links.sum()) + invalid,
            "invalid_links": invalid,
            "hosts": int(np.count_nonzero(self._counts.links)),
            "origins": int(self._counts.origins.sum()),
            "registered_domains": int(np.count_nonzero(self._sizes.links)),
        }

    def shard_plans(self) -> Iterator[ShardPlan]:
        """Yield what is told of the shards that have links, in order."""
        return shard_plans(self._ranks, self._parts, self._slots)

    def most_asked(self) -> tuple[tuple[int, str] | None, tuple[int, str] | None]:
        """Return the host and the domain that are asked most, with their requests.

        A request is a link or the robots.txt of an origin.
        """
        of_hosts = self._links() + self._origins()
        of_domains = self._sizes.links + self._sizes.origins
        return _most(of_hosts, self._ranks.hosts), _most(of_domains, self._ranks.domains)

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
        self._counts = count(self._files, self._chosen, len(self._ranks.codes))

    def _links(self) -> Numbers:
        """Return how many links of the run each host has, by rank."""
        return self._counts.links[self._ranks.codes]

    def _origins(self) -> Numbers:
        """Return how many origins of the run each host has, by rank."""
        return self._counts.origins[self._ranks.codes]

    def _cap(self, max_per_domain: int) -> None:
        """Keep at most so many links of a registered domain, and write down which, file by file."""
        domain_of_code = np.zeros(len(self._ranks.codes) + 1, np.int32)
        domain_of_code[self._ranks.codes] = self._ranks.domain_of
        for file in self._files:
            self._append("candidates", self._candidates(file, domain_of_code))
        query = {"max_per_domain": max_per_domain}
        self._asked(lambda: self._con.execute(_text("kept"), query))
        for file in self._files:
            first = file.place.first_row
            between = [first, first + file.rows - 1]
            rows = self._con.execute("select row from kept where row between ? and ?", between)
            (rows.fetchnumpy()["row"].astype(np.int64) - first).tofile(file.path("kept"))
        self._chosen = Chosen(self._chosen.draw, self._moved, capped=True)

    def _candidates(self, file: StagedFile, domain_of_code: Numbers) -> pa.Table:
        firsts = self._chosen.firsts(file)
        codes, has_host = firsts.row_codes()
        staged_ids = pa.array(read_keys(file).link_ids[firsts.rows])
        return pa.table({
            "row": firsts.rows + file.place.first_row,
            "link_id": firsts.link_ids,
            "draw": drawing.draws(staged_ids, self._chosen.draw.seed),
            "domain": pa.array(domain_of_code[codes], mask=~has_host),
        })  # fmt: skip

    def _kept_rows(self, file: StagedFile, ids: Numbers) -> Numbers:
        """Tell which rows of a file name a link of the run."""
        if not self._chosen.capped:
            return self._chosen.drawn(file)
        with cursor(self._con) as own:  # other threads ask as well
            own.register("named", pa.table({"link_id": ids}))
            kept = own.execute(
                "select distinct link_id from named semi join kept using (link_id)"
            ).fetchnumpy()["link_id"]
        return np.isin(ids, kept) & self._chosen.drawn(file)

    def _shared(self) -> Iterator[tuple[Numbers, Numbers]]:
        """Count the links of slots that do not have all links of a host, a file at a time."""

        def of_file(file: StagedFile) -> tuple[Numbers, Numbers]:
            firsts = self._chosen.firsts(file)
            codes, has_host = firsts.row_codes()
            at = np.flatnonzero(self._numbers.is_shared(codes, has_host))
            slots = self._numbers.of(firsts.link_ids[at], codes[at], has_host[at])
            return np.unique(slots, return_counts=True)

        return at_once(of_file, self._files)

    def _asked(self, ask: Callable[[], Answer]) -> Answer:
        """Ask DuckDB in a thread, since it may not see Ctrl-C in its own waiting."""
        running = self._thread.submit(ask)
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


def _most(requests: Numbers, names: pa.LargeStringArray) -> tuple[int, str] | None:
    """Return the largest number and its name, of several the last name."""
    if not len(requests):
        return None
    most = requests.max()
    name = pc.max(names.take(pa.array(np.flatnonzero(requests == most)))).as_py()
    return int(most), name


def _text(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")
