"""A walker in this process, for what cannot be seen from outside: its memory, and its clock."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from tempfile import NamedTemporaryFile

from scrapy.settings import Settings

from crawler import settings as crawl_settings
from crawler.options import visit_options
from crawler.records import ParsedUrl, ShardLink, Visit, VisitResult
from crawler.urls import link_id, parse_url
from crawler.visit.clock import Clock
from crawler.visit.walk import Walker
from tests.internet import FakeInternet
from tests.runs import QUICK_POLICY


class MovedClock(Clock):
    """A clock that a test can put forward."""

    def __init__(self) -> None:
        super().__init__()
        self.forward_s = 0.0
        real = self.now
        self.now = lambda: real() + self.forward_s


@asynccontextmanager
async def walker(
    internet: FakeInternet, clock: Clock | None = None, **options: object
) -> AsyncIterator[Walker]:
    """Make a walker on the fake internet; `options` are settings without their `STILLUP_`."""
    settings = Settings()
    settings.setmodule(crawl_settings)
    flags = internet.flags()
    values = {
        name: [flags[at + 1] for at, flag in enumerate(flags) if flag == f"--{option}"]
        for name, option in (
            ("NAMESERVERS", "nameserver"),
            ("CONNECT_TO", "connect-to"),
            ("ALLOW_NETWORKS", "allow-network"),
        )
    }
    with NamedTemporaryFile("w", suffix=".toml") as policy:
        policy.write(QUICK_POLICY)
        policy.flush()
        given = {"POLICY": policy.name, "CA_FILE": str(internet.ca_file), **values, **options}
        settings.setdict({f"STILLUP_{name}": value for name, value in given.items()})
        made = Walker(visit_options(settings, 1, 0), clock or Clock())
    try:
        yield made
    finally:
        await made.close()


def visit(urls: Iterable[str]) -> Visit:
    """Return a visit to the host of these URLs."""
    links = []
    for text in urls:
        url = parse_url(text)
        assert isinstance(url, ParsedUrl)
        links.append(ShardLink(link_id(url.wire_url), url))
    return Visit(1, links[0].url.host, links[0].url.host, 1, tuple(links))


async def walked(by: Walker, urls: Iterable[str]) -> VisitResult:
    """Walk these URLs of one host."""
    return await by.walk(visit(urls))
