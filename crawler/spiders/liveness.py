"""The spider that walks one shard of a run.

Room: Scrapy glue. Opens what a shard needs, and closes it; the walk itself is `crawler/visit`.
"""

import gc
import itertools
import logging
import resource
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.agenda import Agenda, PausedHost
from crawler.frontier import Frontier
from crawler.handler import VisitResponse
from crawler.lock import shard_lock
from crawler.options import visit_options
from crawler.politeness import HostPace
from crawler.recorder import Recorder
from crawler.records import Observation, Outcome, Visit
from crawler.records.errors import WrongUse
from crawler.records.layout import LOCKS
from crawler.rundir import RunDirectory, open_run
from crawler.tally import Seen, Tally
from crawler.visit.clock import Clock
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
        self.failure: str | None = None
        self._opened = ExitStack()

    def open_shard(self, crawler: Crawler) -> None:
        """Lock the shard and lay out what is left of it."""
        run, shard = self.run_directory, self.shard
        self.options = visit_options(crawler.settings, run.round, shard)
        for name in ("CONCURRENT_REQUESTS", "CONCURRENT_REQUESTS_PER_DOMAIN"):
            crawler.settings.set(name, self.options.policy.hosts_at_a_time, priority="spider")
        _raise_file_limit()
        self._opened.enter_context(shard_lock(run.folder(LOCKS), shard))
        self.recorder = Recorder(run, shard)
        self.recorder.open()
        self.agenda = Agenda(run, shard, self.options.policy)
        self._opened.callback(self.agenda.close)
        self.tally = Tally(total=self.agenda.total, done=self.agenda.done)
        self.walker = Walker(self.options, Clock())
        self._restore(self.agenda.paused)
        self._visit_ids = itertools.count(time.time_ns() // 1000)
        self.frontier = Frontier(self.agenda, self.options.policy.visit_links, self._visit_ids)
        # What is there by now stays, and a visit leaves few cycles: looking for them as often as
        # Python does by default took a quarter of a crawl's time.
        gc.collect()
        gc.freeze()
        gc.set_threshold(100_000, 20, 20)

    def close_shard(self) -> None:
        """Let go of the shard, when everything is written."""
        self._opened.close()
        gc.unfreeze()

    async def start(self) -> AsyncIterator[Any]:
        """Yield what can be settled without asking anybody; the visits come from the frontier."""
        invalid = self._invalid()
        while observations := tuple(itertools.islice(invalid, _SETTLED_AT_ONCE)):
            yield Seen(observations)

    def parse(self, response: Response) -> Iterator[Seen]:
        """Hand on what a visit saw, and hand back what it left over."""
        assert isinstance(response, VisitResponse)  # noqa: S101
        result = response.result
        self.frontier.put_back(result.left_over, self.walker.clock.now())
        yield Seen(result.observations, result.host)

    def lost(self, visit: Visit, error: BaseException | None) -> None:
        """Note a visit that ended in a defect of ours: its links stay due, and the crawl fails."""
        links = self.frontier.lose(visit)
        logger.error("visit %d was lost with %d links", visit.visit_id, links, exc_info=error)
        if self.failure is None:
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
            until = now + (host.blocked_until - wall).total_seconds()
            self.walker.hosts.restore(
                host.host, host.registered_domain, HostPace(blocked_until=until)
            )


def _raise_file_limit() -> None:
    """Ask for as many open sockets as the system lets this process have, up to 65,536."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
