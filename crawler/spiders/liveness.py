"""The spider that walks one shard of a run.

Room: Scrapy glue. Opens what a shard needs, and closes it; the walk itself is `crawler/visit`.
"""

import asyncio
import gc
import itertools
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from crawler.agenda import Agenda, PausedHost
from crawler.copied import at_hand
from crawler.earlier import earlier_witnesses
from crawler.file_limit import fitted, raise_file_limit
from crawler.frontier import Frontier
from crawler.holding import Holding, held
from crawler.options import lease_ttl_s, shared_turns, shared_turns_file, visit_options
from crawler.paces import KeptPace, Paces
from crawler.politeness import HostPace, resumed
from crawler.recorder import Recorder
from crawler.records import Observation, Outcome, Visit
from crawler.records.errors import RunFailed, WrongUse, disk_failure
from crawler.records.layout import PACES
from crawler.rundir import RunDirectory, open_run
from crawler.tally import Seen, StopAskedError, Tally, waiting
from crawler.visit.clock import Clock
from crawler.visit.host_state import HostState
from crawler.visit.hosts import Hosts
from crawler.visit.walk import Walker

logger = logging.getLogger(__name__)

_SETTLED_AT_ONCE = 1000


class LivenessSpider(Spider):
    """Looks at every link of a shard that is due this round."""

    name = "liveness"

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "LivenessSpider":
        """Open the shard. Raises RunFailed if the run or the shard cannot be walked now."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.close_shard, signal=signals.spider_closed)
        spider.open_shard(crawler)
        return spider

    def __init__(self, run: str = "", shard: str | int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not run or shard is None or not str(shard).isdigit():
            raise WrongUse("say which shard of which run: -a run=RUN -a shard=3")
        self.run_directory: RunDirectory = open_run(run)
        self.shard = int(shard)
        if self.shard not in {plan.shard for plan in self.run_directory.shards}:
            raise WrongUse(f"{run} has shards 0 to {len(self.run_directory.shards) - 1}")
        self.near = self.run_directory  # or a copy of the shard
        self.failure: str | None = None
        self._opened = ExitStack()

    def open_shard(self, crawler: Crawler) -> None:
        """Hold the shard and lay out what is left of it, or let go of it again."""
        try:
            self._open(crawler)
        except RunFailed as error:
            self._opened.close()
            raise type(error)(self.near.told(str(error))) from error
        except BaseException:
            self._opened.close()
            raise

    def _open(self, crawler: Crawler) -> None:
        shard = self.shard
        self.options = visit_options(crawler.settings, self.run_directory.round, shard)
        self._fit_files(crawler)
        self.holding = self._opened.enter_context(self._held(crawler))
        run = self.near = self._opened.enter_context(
            at_hand(self.run_directory, shard, self.holding.is_held)
        )
        self.recorder = Recorder(run, shard, self.holding)
        self.recorder.open(lambda text: logger.warning(run.told(text)))
        self.agenda = Agenda(run, shard, self.options.policy)
        self._opened.callback(self.agenda.close)
        self.tally = Tally(total=self.agenda.total, done=self.agenda.done)
        self.walker = self._with_paces(crawler, run)
        self.walker.doubt.remember(earlier_witnesses(run, shard))
        self._restore(self.agenda.paused)
        self._visit_ids = itertools.count(self.agenda.first_visit_id)
        self.frontier = Frontier(
            self.agenda, self.options.policy, self._visit_ids, self.walker.foresee
        )
        # What is there by now stays, and a visit leaves few cycles: looking for them as often as
        # Python does by default took a quarter of a crawl's time.
        gc.collect()
        gc.freeze()
        gc.set_threshold(100_000, 20, 20)

    def _held(self, crawler: Crawler) -> AbstractContextManager[Holding]:
        """Hold the shard; say what there is to wait for meanwhile. Raises StopAskedError."""
        report = crawler.settings.get("STILLUP_REPORT")

        def told(note: str) -> None:
            if report is None:
                return
            try:
                report(waiting(self.shard, note))
            except OSError as error:  # whoever takes it is gone
                raise StopAskedError from error

        turns = shared_turns_file(crawler.settings)
        return held(self.run_directory, self.shard, turns, lease_ttl_s(crawler.settings), told)

    def _fit_files(self, crawler: Crawler) -> None:
        """Visit as many hosts at a time as there are files for; say so where they are fewer."""
        policy = self.options.policy
        fits = fitted(policy.hosts_at_a_time, raise_file_limit())
        if fits.told is not None:
            logger.warning("shard %d: %s", self.shard, fits.told)
        self.options = replace(
            self.options,
            policy=replace(policy, hosts_at_a_time=fits.hosts),
            max_connections=fits.connections,
        )
        for name in ("CONCURRENT_REQUESTS", "CONCURRENT_REQUESTS_PER_DOMAIN"):
            crawler.settings.set(name, fits.hosts, priority="spider")

    def _with_paces(self, crawler: Crawler, run: RunDirectory) -> Walker:
        """Make what walks the visits; it goes on at the paces that an earlier worker kept."""
        clock, wall = Clock(self.holding.is_held), time.time()
        self._paces = Paces(run.folder(PACES), self.shard)
        begun_at = clock.now() if self._paces.was_begun else None
        try:
            known = self._paces.open(wall)
        except OSError as error:
            raise disk_failure("the paces of hosts cannot be kept", error) from error
        self._opened.callback(self._close_paces)
        turns, policy = shared_turns(crawler.settings), self.options.policy
        hosts = Hosts(
            policy, clock, turns, keep=self._keep, begun_at=begun_at, others=self.holding.others
        )
        for kept in known:
            pace = policy.pace_of(kept.registered_domain)
            left_s = kept.pause_s(wall)
            went_on = resumed(pace, now=clock.now(), delay_s=kept.delay_s, pause_s=left_s)
            hosts.restore(kept.host, kept.registered_domain, went_on, kept.shards)
        return Walker(self.options, clock, hosts)

    def _close_paces(self) -> None:
        self._paces.close(time.time(), is_held=self.holding.is_held())

    def _keep(self, state: HostState) -> None:
        """Keep the pace of a host, before anybody asks it again."""
        wall, now = time.time(), self.walker.clock.now()
        left_s = max(0.0, state.noted.blocked_until - now)
        kept = KeptPace(
            host=state.host,
            registered_domain=state.registered_domain,
            shards=state.shards,
            delay_s=state.noted.delay_s,
            blocked_until=wall + left_s if left_s else 0.0,
            kept_at=wall,
        )
        self._paces.keep(kept)

    def close_shard(self) -> None:
        """Let go of the shard, when everything is written."""
        for sentence in self.walker.told:
            logger.info("%s", sentence)
        self._opened.close()
        gc.unfreeze()

    async def start(self) -> AsyncIterator[Any]:
        """Yield what can be settled without asking anybody; the visits come from the frontier."""
        invalid = self._invalid()
        while observations := tuple(itertools.islice(invalid, _SETTLED_AT_ONCE)):
            yield Seen(observations)

    def visited(self) -> None:
        """End the crawl after a visit where our own network has been away for too long."""
        if self.walker.doubt.gave_up is not None and self.failure is None:
            self.failure = self.walker.doubt.gave_up
            self.stopping = asyncio.create_task(self.crawler.stop_async())

    def lost(self, visit: Visit, error: BaseException | None) -> None:
        """Note a visit that ended in a defect of ours: its links stay due, and the crawl fails."""
        links = self.frontier.lose(visit)
        logger.error("visit %d was lost with %d links", visit.visit_id, links, exc_info=error)
        if self.failure is None and isinstance(error, RunFailed):
            self.failure = f"{links:,} links of a host were not looked at: {error}"
        elif self.failure is None:
            reason = f"{type(error).__name__}: {error}"
            self.failure = f"a defect of stillup's own lost {links:,} links of a host ({reason})"

    def _invalid(self) -> Iterator[Observation]:
        visit_id = next(self._visit_ids)
        for link in self.agenda.invalid():
            yield Observation(
                link_id=link.link_id,
                round=self.options.round,
                observed_at=datetime.now(UTC),
                outcome=Outcome.URL_INVALID,
                error=link.reason,
                shard=self.shard,
                visit_id=visit_id,
            )

    def _restore(self, paused: tuple[PausedHost, ...]) -> None:
        """Go on keeping the pauses that hosts asked an earlier worker for."""
        wall, now = datetime.now(UTC), self.walker.clock.now()
        for host in paused:
            until = now + host.pause_s(wall, self.options.policy.max_retry_after_s)
            self.walker.hosts.restore(
                host.host, host.registered_domain, HostPace(blocked_until=until)
            )
