"""The item pipeline: what visits saw goes to the recorder.

Room: Scrapy glue. A segment that cannot be written ends the crawl: nothing may be looked at that
could not be recorded.
"""

import asyncio
import contextlib
import logging
from typing import Any

from scrapy.crawler import Crawler

from crawler.records.errors import RunFailed
from crawler.tally import Seen

logger = logging.getLogger(__name__)

_FLUSH_POLL_S = 1.0


class RecordPipeline:
    """Gives observations to the recorder and has it write when it is due."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._flushing: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RecordPipeline":
        """Make the pipeline of a crawl."""
        return cls(crawler)

    async def open_spider(self) -> None:
        """Begin to write on time."""
        self._flushing = asyncio.create_task(self._flush_on_time())

    async def process_item(self, item: Seen) -> Seen:
        """Record what a visit saw."""
        with self._ending_the_crawl():
            await self._spider.recorder.add(item.observations, item.host)
            self._spider.tally.count(item)
        return item

    async def close_spider(self) -> None:
        """Write what is left."""
        self._closing.set()
        if self._flushing is not None:
            await self._flushing
        with self._ending_the_crawl():
            await self._spider.recorder.close()
        if self._spider.failure is not None and (unwritten := self._spider.recorder.unwritten):
            self._spider.failure += f" ({unwritten:,} looks were not written and will be repeated)"

    @property
    def _spider(self) -> Any:
        return self._crawler.spider

    async def _flush_on_time(self) -> None:
        while not self._closing.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), _FLUSH_POLL_S)
            with self._ending_the_crawl():
                await self._spider.recorder.flush_if_due()

    @contextlib.contextmanager
    def _ending_the_crawl(self) -> Any:
        """Stop the crawl, and keep the reason, when a segment cannot be written."""
        try:
            yield
        except RunFailed as error:
            if self._spider.failure is None:
                logger.error("%s", error)  # noqa: TRY400  (one line for a person)
                self._spider.failure = str(error)
                self._stopping = asyncio.create_task(self._crawler.stop_async())
