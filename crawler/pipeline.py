"""What was seen goes to the recorder, and what a visit left over goes back to the frontier.

Room: Scrapy glue. What needs no visit comes as items, through a pipeline. A visit comes back as a
response, and leaves as a request for what is left of its host, as Scrapy's downloader middlewares
may do: its rows need no callback and no item, which cost as much as a request to a host
(decision 0025). A segment that cannot be written ends the crawl: nothing may be looked at that
could not be recorded.
"""

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.frontier import visit_request
from crawler.handler import VisitResponse
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
        """Record what needed no visit."""
        await _record(self._crawler, item)
        return item

    async def close_spider(self) -> None:
        """Write what is left."""
        self._closing.set()
        if self._flushing is not None:
            await self._flushing
        with _ending_the_crawl(self._crawler):
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
            with _ending_the_crawl(self._crawler):
                await self._spider.recorder.flush_if_due()


class VisitMiddleware:
    """Records what a visit saw, and reschedules what it left over."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "VisitMiddleware":
        """Make the middleware of a crawl."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Request:
        """Return the request for what is left of the visit's host."""
        assert isinstance(response, VisitResponse)  # noqa: S101
        result = response.result
        await _record(self._crawler, Seen(result.observations, result.host))
        self._crawler.spider.visited()  # type: ignore[union-attr]
        return visit_request(result.left_over, request.errback)


async def _record(crawler: Crawler, seen: Seen) -> None:
    spider: Any = crawler.spider
    with _ending_the_crawl(crawler):
        await spider.recorder.add(seen.observations, seen.host)
        spider.tally.count(seen)


@contextlib.contextmanager
def _ending_the_crawl(crawler: Crawler) -> Iterator[None]:
    """Stop the crawl, and keep the reason, when a segment cannot be written."""
    spider: Any = crawler.spider
    try:
        yield
    except RunFailed as error:
        if spider.failure is None:
            logger.error("%s", error)  # noqa: TRY400  (one line for a person)
            spider.failure = str(error)
            spider.stopping = asyncio.create_task(crawler.stop_async())
