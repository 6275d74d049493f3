"""The extension that says how far a crawl is: to whoever asked, or else to the log.

Room: Scrapy glue.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler

from crawler.tally import Progress, StopAskedError

logger = logging.getLogger(__name__)

_PERIOD_S = 0.5
_PACE_S = 10.0


class ProgressReport:
    """Reports the spider's progress twice a second to `STILLUP_REPORT`, or to the log."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._report: Callable[[Progress], None] | None = crawler.settings.get("STILLUP_REPORT")
        self._log_s = crawler.settings.getfloat("LOGSTATS_INTERVAL")
        self._history: deque[tuple[float, int]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._stop_asked = False
        crawler.signals.connect(self._opened, signal=signals.spider_opened)
        crawler.signals.connect(self._closed, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ProgressReport":
        """Make the extension of a crawl."""
        return cls(crawler)

    def _opened(self) -> None:
        self._tell(self._progress())
        self._task = asyncio.create_task(self._run())

    def _closed(self) -> None:
        if self._task is not None and not self._stop_asked:
            self._task.cancel()
        self._tell(self._progress())

    async def _run(self) -> None:
        period_s = _PERIOD_S if self._report is not None else self._log_s
        while not self._stop_asked or not self._crawler.engine.running:
            # A stop before the engine runs would be lost, and the crawl would never end.
            await asyncio.sleep(period_s)
            self._tell(self._progress())
        await self._crawler.stop_async()

    def _tell(self, progress: Progress) -> None:
        """Report, and notice that whoever asked for this crawl wants it to end, or is gone."""
        if self._report is None:
            text = "%d of %d links, %.1f links/s"
            logger.info(text, progress.done, progress.total, progress.links_per_s)
            if progress.note:
                logger.warning("%s", progress.note)
            return
        try:
            self._report(progress)
        except (StopAskedError, OSError):
            self._stop_asked = True

    def _progress(self) -> Progress:
        spider: Any = self._crawler.spider
        tally, frontier = spider.tally, spider.frontier
        links_per_s = self._pace(tally.done)
        slowest_s = frontier.slowest_s(spider.walker.hosts)
        left = tally.total - tally.done
        left_s = max(slowest_s, left / links_per_s) if links_per_s else None
        return Progress(
            shard=spider.shard,
            total=tally.total,
            done=tally.done,
            links_per_s=links_per_s,
            hosts_in_flight=frontier.walking,
            left_s=left_s if left else 0.0,
            outcomes=dict(tally.outcomes),
            note=spider.walker.doubt.note,
        )

    def _pace(self, done: int) -> float:
        """Return the links per second over the last ten seconds."""
        now = monotonic()
        self._history.append((now, done))
        while now - self._history[0][0] > _PACE_S:
            self._history.popleft()
        begun_at, begun = self._history[0]
        return (done - begun) / (now - begun_at) if now > begun_at else 0.0
