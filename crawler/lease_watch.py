"""The extension that ends a crawl in order when its shard is not its own any more.

Room: Scrapy glue.
"""

import asyncio
import logging
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

_LOOK_S = 0.2


class LeaseWatch:
    """Looks several times a second whether the spider still holds its shard."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._task: asyncio.Task[None] | None = None
        crawler.signals.connect(self._opened, signal=signals.spider_opened)
        crawler.signals.connect(self._closed, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "LeaseWatch":
        """Make the extension of a crawl."""
        return cls(crawler)

    def _opened(self) -> None:
        self._task = asyncio.create_task(self._run())

    def _closed(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        spider: Any = self._crawler.spider
        while (why := spider.holding.lost) is None or not self._crawler.engine.running:  # noqa: ASYNC110
            # A stop before the engine runs would be lost, and the crawl would never end.
            await asyncio.sleep(_LOOK_S)
        if spider.failure is None:
            logger.error("%s", why)
            spider.failure = why
        spider.walker.clock.stop()
        spider.stopping = asyncio.create_task(self._crawler.stop_async())
