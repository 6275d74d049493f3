"""What a visit holds to whatever a server does: memory, time, and a robots.txt of every origin."""

import asyncio
import multiprocessing
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace

import pytest

from crawler.records import Outcome
from crawler.robots import ROBOTS_LIFETIME_S
from tests.crawler.visit.bombs import LIMIT_BYTES, MB, growth_of_bombs
from tests.crawler.visit.walking import MovedClock, walked, walker
from tests.internet import BEHAVIOURS, FakeInternet, Host, PictureHost
from tests.internet.host import picture_reply
from tests.internet.messages import NOT_FOUND, Answer, Reply, Request, plain_text

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow

GREEDY = (
    "endless-body", "endless-bomb", "gzip-bomb", "deflate-bomb", "brotli-bomb", "zstd-bomb",
    "nested-bomb", "endless-headers", "endless-chunk-extension", "interim-flood", "robots-bomb",
    "robots-10-mb", "robots-many-agents", "2000-headers", "location-60-kb",
)  # fmt: skip


class WithRules(PictureHost):
    """Serves pictures, forbids a folder, and sends some paths elsewhere."""

    def __init__(self, name: str, **locations: str) -> None:
        super().__init__(name, robots_text="User-agent: *\nDisallow: /private/\n")
        self.locations = locations

    def look(self, request: Request) -> Answer:
        """Redirect, or serve a picture."""
        location = self.locations.get(request.path[1:])
        if location is not None:
            return Reply(status=302, headers=(("Location", location),))
        return picture_reply(request)


class BusyRules(Host):
    """Fails at its robots.txt for the first times, and serves pictures."""

    failures = 2

    def __init__(self, name: str, status: int) -> None:
        super().__init__(name)
        self.status = status

    def robots(self, request: Request) -> Answer:
        """Fail, then allow everything."""
        self.failures -= 1
        return plain_text("", status=self.status) if self.failures >= 0 else NOT_FOUND

    def look(self, request: Request) -> Answer:
        """Serve a picture."""
        return picture_reply(request)


LARGE_RULES = "User-agent: *\nDisallow: /private/\n" + "# filler\n" * 50_000
START = WithRules(
    "start.test",
    away="http://target.test/picture.jpg",
    secure="https://start.test/picture.jpg",
    forbidden="http://target.test/private/picture.jpg",
    inside="/private/picture.jpg",
)
DAILY = PictureHost("daily.test", pictures=4)
LARGE = [PictureHost(f"rules-{n}.test", pictures=2, robots_text=LARGE_RULES) for n in range(12)]
BUSY = {status: BusyRules(f"busy-{status}.test", status) for status in (500, 503)}


@pytest.fixture(scope="module")
def internet() -> Iterator[FakeInternet]:
    """One fake internet for all tests of this file, in which each has hosts of its own."""
    others = (START, WithRules("target.test"), DAILY, *LARGE, *BUSY.values())
    with FakeInternet([*GREEDY, *others]) as shared:
        yield shared


async def test_no_server_is_given_memory(internet: FakeInternet) -> None:
    """Bombs, endless bodies and endless heads, all at once: a few megabytes, whatever they send."""
    urls = [url for name in GREEDY for url, _ in BEHAVIOURS[name].expectations()]
    async with walker(internet, MAX_BYTES=100_000, TIMEOUT=2.0) as one:
        await walked(one, ["http://nobody.test/"])  # whatever is loaded late
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        results = await asyncio.gather(*(walked(one, [url]) for url in urls))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    seen = [row for result in results for row in result.observations]
    assert len(seen) == len(urls)
    assert max(row.body_bytes or 0 for row in seen) <= 100_000 + 2 * 64 * 1024
    assert peak - before < 40 * MB


def test_a_bomb_is_not_kept_in_memory() -> None:
    """A bomb of a thousand to one is decoded to the limit in less memory than the limit."""
    spawning = multiprocessing.get_context("spawn")
    told = spawning.Queue()
    child = spawning.Process(target=growth_of_bombs, args=(told,))
    child.start()
    growth = told.get(timeout=120)
    child.join()
    assert growth < LIMIT_BYTES


async def test_robots_come_first_at_every_origin(internet: FakeInternet) -> None:
    """By the server's log: at every origin, a redirect's target too, rules first, and then obeyed."""
    urls = [f"http://start.test/{path}" for path in ("away", "secure", "forbidden", "inside")]
    async with walker(internet) as one:
        result = await walked(one, [*urls, "http://start.test/private/own.jpg"])
    outcomes = [row.outcome for row in result.observations]
    assert outcomes == [Outcome.OK, Outcome.OK, *[Outcome.ROBOTS_DENIED] * 3]
    asked: dict[str, list[str]] = {}
    for request in internet.log():
        if request.host in {"start.test", "target.test"}:
            asked.setdefault(f"{request.scheme}://{request.host}", []).append(request.target)
    assert set(asked) == {"http://start.test", "https://start.test", "http://target.test"}
    for targets in asked.values():
        assert targets[0] == "/robots.txt"
        assert targets.count("/robots.txt") == 1
        assert not any(target.startswith("/private") for target in targets)


async def test_rules_are_read_again_after_a_day(internet: FakeInternet) -> None:
    """A robots.txt is kept for less than a day (RFC 9309, 2.4), and then asked for again."""
    moments = (0.0, ROBOTS_LIFETIME_S - 60, ROBOTS_LIFETIME_S + 60, ROBOTS_LIFETIME_S + 120)
    clock = MovedClock()
    async with walker(internet, clock) as one:
        for url, moment_s, asked in zip(DAILY.urls(), moments, (1, 1, 2, 2), strict=True):
            clock.forward_s = moment_s
            result = await walked(one, [url])
            assert [row.outcome for row in result.observations] == [Outcome.OK]
            assert _times(internet, "daily.test", "/robots.txt") == asked


@pytest.mark.parametrize("status", BUSY)
async def test_nothing_is_asked_until_the_rules_are_read(
    status: int, internet: FakeInternet
) -> None:
    """A robots.txt that fails is tried again later, and until then no link of the origin is asked."""
    host = BUSY[status].names[0]
    clock = MovedClock()
    async with walker(internet, clock) as one:
        result = await walked(one, [f"http://{host}/a.jpg"])
        for _ in range(BusyRules.failures):
            assert result.observations == ()
            assert _times(internet, host, "/a.jpg") == 0
            clock.forward_s += 3600
            result = await one.walk(replace(result.left_over, visit_id=2))
    assert [row.outcome for row in result.observations] == [Outcome.OK]
    assert _times(internet, host, "/robots.txt") == 1 + BusyRules.failures


async def test_rules_are_forgotten_before_they_fill_the_memory(internet: FakeInternet) -> None:
    """Only so many bytes of rules are kept; what was forgotten is asked for again, and obeyed."""
    async with walker(internet) as one:
        for number in range(2):
            for host in LARGE:
                url = host.urls()[number]
                result = await walked(one, [url, url.replace("test/", "test/private/")])
                outcomes = [row.outcome for row in result.observations]
                assert outcomes == [Outcome.OK, Outcome.ROBOTS_DENIED]
    asked = sum(_times(internet, host.names[0], "/robots.txt") for host in LARGE)
    assert len(LARGE) < asked <= 2 * len(LARGE)


def _times(internet: FakeInternet, host: str, target: str) -> int:
    return sum(request.host == host and request.target == target for request in internet.log())
