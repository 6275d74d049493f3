"""The download handler of the scheme `visit`: one Scrapy request is one visit.

Room: Scrapy glue. Hands a visit to the network room and its result on, in a Response subclass that
keeps it when a middleware copies the response.
"""

import asyncio
import logging
from typing import Any

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.records import VisitResult
from crawler.visit.clock import Clock
from crawler.visit.walk import Walker

_STOP_POLL_S = 0.1
_STOP_GRACE_S = 3.0


def _is_noise(record: logging.LogRecord) -> bool:
    """Tell uvloop's complaint that a TLS peer said goodbye on a connection we had closed."""
    error = record.exc_info[1] if record.exc_info else None
    return isinstance(error, RuntimeError) and "the handler is closed" in str(error)


logging.getLogger("asyncio").addFilter(lambda record: not _is_noise(record))


class VisitResponse(Response):
    """What a visit came to, on its way through Scrapy."""

    attributes = (*Response.attributes, "result")

    def __init__(self, *args: Any, result: VisitResult, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.result = result


class VisitHandler(BaseDownloadHandler):
    """Walks visits, and ends those in flight soon after the engine was told to stop."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._in_flight: set[asyncio.Task[Any]] = set()
        self._watch: asyncio.Task[None] | None = None

    async def download_request(self, request: Request) -> Response:
        """Walk the visit of a request."""
        if self._watch is None:
            self._watch = asyncio.create_task(self._watch_engine(self._walker.clock))
        task = asyncio.current_task()
        assert task is not None  # noqa: S101
        self._in_flight.add(task)
        try:
            result = await self._walker.walk(request.meta["visit"])
        finally:
            self._in_flight.discard(task)
        return VisitResponse(request.url, request=request, result=result)

    async def close(self) -> None:
        """Close every connection."""
        if self._watch is not None:
            self._watch.cancel()
        await self._walker.close()

    @property
    def _walker(self) -> Walker:
        walker = self.crawler.spider.walker  # type: ignore[union-attr]
        assert isinstance(walker, Walker)  # noqa: S101
        return walker

    async def _watch_engine(self, clock: Clock) -> None:
        """Wake up every visit when the engine stops; end those that have not ended in time."""
        while self.crawler.engine.running:  # noqa: ASYNC110  (Scrapy has no event for it)
            await asyncio.sleep(_STOP_POLL_S)
        clock.stop()
        await asyncio.sleep(_STOP_GRACE_S)
        for task in self._in_flight:
            task.cancel()
