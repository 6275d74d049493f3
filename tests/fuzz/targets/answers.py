"""Any bytes as a server's answer to a real visit on loopback: robots.txt, the link, its redirects."""

import asyncio
import atexit
from functools import cache
from ipaddress import ip_network

import pyarrow as pa

from crawler.doubt import Layer
from crawler.guard import AddressGuard
from crawler.options import load_policy, with_delay
from crawler.records import Observation, Outcome, ParsedUrl, ShardLink, Visit, VisitResult
from crawler.records.observation import HOSTS_SCHEMA, OBSERVATIONS_SCHEMA
from crawler.segments import host_columns, observation_columns
from crawler.urls import parse_url
from crawler.visit.clock import Clock
from crawler.visit.options import Mode, VisitOptions
from crawler.visit.walk import Walker
from tests.visits import options_of_visit

_LIMIT_S = 30.0
_MOST_REQUESTS = 120  # robots.txt and ten hops, each with robots.txt and HEAD before GET, with room


class _Lab:
    """A server that sends what it is told to whoever connects, and a walker for each mode."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.payload = b""
        self.requests = 0
        self._visits = 0
        self.loop.run_until_complete(self._start())

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._answer, "0.0.0.0", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.walkers = [Walker(_options(mode), Clock()) for mode in Mode]

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            self.requests += 1
            writer.write(self.payload)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def walk(self, mode: int, payload: bytes) -> VisitResult:
        """Visit a host that nobody has been to, whose every answer is `payload`."""
        self.payload, self.requests = payload, 0
        self._visits += 1
        number = self._visits
        host = f"127.{1 + number // 62_500 % 200}.{number // 250 % 250}.{1 + number % 250}"
        url = parse_url(f"http://{host}:{self.port}/a.jpg")
        assert isinstance(url, ParsedUrl)
        visit = Visit(number, host, host, 1, (ShardLink(number, url),))
        return self.loop.run_until_complete(self._walk(self.walkers[mode], visit))

    async def _walk(self, walker: Walker, visit: Visit) -> VisitResult:
        healthy = asyncio.create_task(_succeed(walker))
        try:
            async with asyncio.timeout(_LIMIT_S):
                return await walker.walk(visit)
        finally:
            healthy.cancel()

    def close(self) -> None:
        """Close every connection."""
        self.loop.run_until_complete(self._close())
        self.loop.close()

    async def _close(self) -> None:
        for walker in self.walkers:
            await walker.close()
        self._server.close()


async def _succeed(walker: Walker) -> None:
    """Be the rest of the internet, which answers all the time: no failure is our network's then."""
    while True:
        for layer in Layer:
            walker.doubt.vouch(layer, 0.0)
        await asyncio.sleep(0.002)


def visit(data: bytes) -> None:
    """Whatever a server sends, its link has a row that a segment takes, or is left for later."""
    if not data:
        return
    lab = _lab()
    result = lab.walk(data[0] % len(lab.walkers), data[1:])
    assert lab.requests <= _MOST_REQUESTS
    assert len(result.observations) + len(result.left_over.links) in (1, 2)
    for row in result.observations:
        _check(row)
    pa.table(observation_columns(result.observations), OBSERVATIONS_SCHEMA).validate(full=True)
    pa.table(host_columns([result.host]), HOSTS_SCHEMA).validate(full=True)


def _check(row: Observation) -> None:
    assert row.outcome in set(Outcome)
    assert row.error is None or (len(row.error) <= 300 and row.error.isprintable())
    assert row.ip is None or row.ip.startswith("127.")
    assert (row.sha256 is None) == (row.md5 is None)


def _options(mode: Mode) -> VisitOptions:
    return options_of_visit(
        mode=mode,
        timeout_s=5.0,
        connect_timeout_s=2.0,
        first_byte_timeout_s=2.0,
        dns_timeout_s=0.2,
        policy=with_delay(load_policy(), 0.0),
        guard=AddressGuard((ip_network("127.0.0.0/8"),), public=False),
        nameservers=("127.0.0.1:9",),
    )


@cache
def _lab() -> _Lab:
    lab = _Lab()
    atexit.register(lab.close)
    return lab
