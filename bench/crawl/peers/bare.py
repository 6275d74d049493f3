"""The yardstick: the least Python that walks links host by host and hashes them.

A program: `python -m bench.crawl.peers.bare LINKS DIGESTS IN_FLIGHT`. aiohttp on uvloop, one
kept-alive connection a host, IN_FLIGHT hosts at a time, sha256 and md5 over the chunks. No
robots.txt, no pace, no guard, no deadline, no record but the digest.
"""

import asyncio
import sys
from collections import defaultdict
from collections.abc import Iterator
from hashlib import md5, sha256
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import uvloop


def visits(links: Path) -> list[list[str]]:
    """The URLs of a list, by host."""
    hosts: dict[str, list[str]] = defaultdict(list)
    for url in links.read_text().split():
        hosts[urlsplit(url).netloc].append(url)
    return list(hosts.values())


async def walk(links: Path, in_flight: int) -> dict[str, str]:
    """Fetch every link; return its sha256."""
    digests: dict[str, str] = {}
    waiting = iter(visits(links))
    connector = aiohttp.TCPConnector(limit=0, limit_per_host=1)
    async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as group:
        for _ in range(in_flight):
            group.create_task(_visit_hosts(session, waiting, digests))
    return digests


async def _visit_hosts(
    session: aiohttp.ClientSession, waiting: Iterator[list[str]], digests: dict[str, str]
) -> None:
    for urls in waiting:
        for url in urls:
            digests[url] = await _fetch(session, url)


async def _fetch(session: aiohttp.ClientSession, url: str) -> str:
    strong, weak = sha256(), md5(usedforsecurity=False)
    async with session.get(url, raise_for_status=True) as response:
        async for chunk in response.content.iter_any():
            strong.update(chunk)
            weak.update(chunk)
    weak.hexdigest()
    return strong.hexdigest()


if __name__ == "__main__":
    found = uvloop.run(walk(Path(sys.argv[1]), int(sys.argv[3])))
    Path(sys.argv[2]).write_text("".join(f"{url}\t{digest}\n" for url, digest in found.items()))
