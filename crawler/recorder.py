"""What the visits of a shard saw, kept until there is enough for a segment, then written.

Room: disk. Rows and progress commit together: the visits that a segment holds are in its footer.
Unflushed are at most `FLUSH_ROWS` rows or `FLUSH_S` seconds.
"""

import asyncio
import json
from collections.abc import Iterable
from time import monotonic

from crawler.records import HostVisit, Observation
from crawler.records.errors import RunFailed
from crawler.records.layout import HOSTS, OBSERVATIONS
from crawler.records.observation import HOSTS_SCHEMA, OBSERVATIONS_SCHEMA
from crawler.rundir import RunDirectory
from crawler.segments import SegmentWriter, Warn, host_columns, observation_columns

FLUSH_ROWS = 20_000
FLUSH_S = 10.0


class Recorder:
    """Takes observations of one shard. Only `flush` and `close` touch the disk."""

    def __init__(self, run: RunDirectory, shard: int) -> None:
        self._observations: list[Observation] = []
        self._hosts: list[HostVisit] = []
        self._observation_segments = SegmentWriter(
            run.folder(OBSERVATIONS, shard), OBSERVATIONS_SCHEMA
        )
        self._host_segments = SegmentWriter(run.folder(HOSTS, shard), HOSTS_SCHEMA)
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
        before = len(self._observations)
        self._observations.extend(observations)
        self._taken += len(self._observations) - before
        if host is not None:
            self._hosts.append(host)
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
            observations, self._observations = self._observations, []
            hosts, self._hosts = self._hosts, []
            self._flushed_at = monotonic()
            writing = asyncio.ensure_future(asyncio.to_thread(self._write, observations, hosts))
            try:
                await asyncio.shield(writing)
            except asyncio.CancelledError:
                await writing
                raise
            finally:
                self._observations[:0], self._hosts[:0] = observations, hosts

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

    def _write(self, observations: list[Observation], hosts: list[HostVisit]) -> None:
        """Write, and empty each list when it is on disk."""
        # The hosts first: a block that is known and not yet needed does no harm.
        if hosts:
            self._host_segments.write(host_columns(hosts), {})
            hosts.clear()
        if observations:
            visits = sorted({row.visit_id for row in observations})
            footer = {"stillup.visits": json.dumps(visits)}
            self._observation_segments.write(observation_columns(observations), footer)
            self._written += len(observations)
            observations.clear()
