"""Scrapy as most use it: one request a link, hashed in the callback, with the default middlewares.

A program: `python -m bench.crawl.peers.scrapy_links LINKS DIGESTS IN_FLIGHT HANDLER`.
`HANDLER` is one of `default`, `aiohttp` and `aiohttp-robots`.
`default` is Scrapy's default handler, reactor and settings. `aiohttp` is Scrapy's own aiohttp
handler at its best: no reactor, uvloop, and one item at a time; `aiohttp-robots` asks each host for
its robots.txt first, as Scrapy's project template has it. All: one connection a host.
"""

import sys
from collections.abc import AsyncIterator
from hashlib import md5, sha256
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

_AIOHTTP = {
    "TWISTED_REACTOR_ENABLED": False,
    "ASYNCIO_EVENT_LOOP": "uvloop.Loop",
    "DOWNLOAD_HANDLERS": {
        "http": "scrapy.core.downloader.handlers._aiohttp.AiohttpDownloadHandler",
        "https": None,
    },
    # 100 by default: that many tasks are started for each response.
    "CONCURRENT_ITEMS": 1,
}


class LinksSpider(scrapy.Spider):
    """Asks for every link of a list once."""

    name = "links"

    def __init__(self, links: Path, digests: dict[str, str]) -> None:
        super().__init__()
        self._links = links
        self._digests = digests

    async def start(self) -> AsyncIterator[Any]:
        """One request a link, in the list's order."""
        for url in self._links.read_text().split():
            yield scrapy.Request(url)

    def parse(self, response: Response) -> None:
        """Hash the body."""
        md5(response.body, usedforsecurity=False).hexdigest()
        self._digests[response.url] = sha256(response.body).hexdigest()


def walk(links: Path, in_flight: int, handler: str) -> dict[str, str]:
    """Fetch every link; return its sha256."""
    digests: dict[str, str] = {}
    common: dict[str, Any] = {
        "CONCURRENT_REQUESTS": in_flight,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "LOG_LEVEL": "WARNING",
    }
    common["ROBOTSTXT_OBEY"] = handler == "aiohttp-robots"
    runner = AsyncCrawlerProcess(common | ({} if handler == "default" else _AIOHTTP))
    runner.crawl(LinksSpider, links=links, digests=digests)
    runner.start()
    return digests


if __name__ == "__main__":
    found = walk(Path(sys.argv[1]), int(sys.argv[3]), sys.argv[4])
    Path(sys.argv[2]).write_text("".join(f"{url}\t{digest}\n" for url, digest in found.items()))
