"""What the visits of a shard saw, kept until there is enough for a segment, then written.

Room: disk. Rows and progress commit together: the visits that a segment holds are in its footer.
Unflushed are at most `FLUSH_ROWS` rows or `FLUSH_S` seconds.
"""

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from time import monotonic

import pyarrow as pa
import pyarrow.compute as pc

from crawler.holding import Holding
from crawler.records import HostVisit, Observation
from crawler.records.errors import RunFailed
from crawler.records.layout import HOSTS, OBSERVATIONS
from crawler.records.observation import HOSTS_SCHEMA, OBSERVATIONS_SCHEMA
from crawler.rundir import RunDirectory
from crawler.segments import Warn, host_columns, observation_columns, writer_of
from crawler.waiting_rows import WaitingRows

FLUSH_ROWS = 20_000
FLUSH_S = 10.0


class Recorder:
    """Takes observations of one shard. Only `flush` and `close` touch the disk."""

    def __init__(self, run: RunDirectory, shard: int, holding: Holding | None = None) -> None:
        """With a `holding`, nothing is written but by whoever holds the shard."""
        self._holding = holding
        self._observations: WaitingRows[Observation] = WaitingRows(
            OBSERVATIONS_SCHEMA, observation_columns
        )
        self._hosts: WaitingRows[HostVisit] = WaitingRows(HOSTS_SCHEMA, host_columns)
        self._observation_segments = writer_of(run, OBSERVATIONS, OBSERVATIONS_SCHEMA, shard)
        self._host_segments = writer_of(run, HOSTS, HOSTS_SCHEMA, shard)
        self._flushed_at = monotonic()
        self._taken = 0
        self._written = 0
        self._writing = asyncio.Lock()

    def open(self, warn: Warn = lambda _: None) -> None:
        """Prove the segments of earlier workers and find out where they end. Raises RunFailed.

        Must come before anybody reads what is left to do: whatever another worker writes after
        this fences us off, so that no link is written by both.
        """
        self._observation_segments.open(warn)
        self._host_segments.open(warn)

    async def add(self, observations: Iterable[Observation], host: HostVisit | None) -> None:
        """Take what a visit saw; write a segment when one is due. Raises RunFailed."""
        rows = tuple(observations)
        self._taken += len(rows)
        self._observations.add(rows)
        if host is not None:
            self._hosts.add((host,))
        if len(self._observations) >= FLUSH_ROWS:
            await self.flush()

    async def flush_if_due(self) -> None:
        """Write a segment if the last one is long ago. Raises RunFailed."""
        if monotonic() - self._flushed_at >= FLUSH_S:
            await self.flush()

    async def flush(self) -> None:
        """Write everything that is held, beside the event loop. Raises RunFailed.

        Whoever waits for it may be cancelled; the writing is not, and nobody else begins meanwhile.
        What could not be written is held on to, for a flush after there is room again.
        """
        async with self._writing:
            observations, hosts = self._observations.take(), self._hosts.take()
            self._flushed_at = monotonic()
            writing = asyncio.ensure_future(asyncio.to_thread(self._flush, observations, hosts))
            try:
                await asyncio.shield(writing)
            except asyncio.CancelledError:
                await writing
                raise
            finally:
                self._observations.put_back(observations)
                self._hosts.put_back(hosts)

    async def close(self) -> None:
        """Write the rest, and make sure that nothing taken was lost. Raises RunFailed."""
        await self.flush()
        if self._written != self._taken:
            lost = self._taken - self._written
            raise RunFailed(f"{lost} observations were not written; crawl again to look anew")

    @property
    def unwritten(self) -> int:
        """How many observations are not on disk."""
        return self._taken - self._written

    def _flush(self, observations: list[pa.Table], hosts: list[pa.Table]) -> None:
        """Write, and give the system back what that took: the allocator would keep it."""
        self._write(observations, hosts)
        pa.default_memory_pool().release_unused()

    def _write(self, observations: list[pa.Table], hosts: list[pa.Table]) -> None:
        """Write, and empty each list when it is on disk."""
        footer = self._fence()
        # The hosts first: a block that is known and not yet needed does no harm.
        if hosts:
            self._host_segments.write(_whole(hosts), footer)
            hosts.clear()
        if observations:
            whole = _whole(observations)
            visits = sorted(pc.unique(whole["visit_id"]).to_pylist())
            footer = footer | {"stillup.visits": json.dumps(visits)}
            self._observation_segments.write(whole, footer)
            self._written += sum(table.num_rows for table in observations)
            observations.clear()

    def _fence(self) -> dict[str, str]:
        """Return what tells this worker's segments from another's. Raises RunFailed.

        The lease is looked at as late as can be: whoever has taken over counts on its numbers.
        """
        if self._holding is None:
            return {}
        self._holding.ensure_held()
        return {"stillup.fence": json.dumps(asdict(self._holding.fence))}


def _whole(packed: Sequence[pa.Table]) -> dict[str, pa.ChunkedArray]:
    """Return the columns of packed rows, one after the other."""
    table = pa.concat_tables(packed)
    return dict(zip(table.column_names, table.columns, strict=True))
