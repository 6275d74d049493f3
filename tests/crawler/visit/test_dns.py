"""The resolver: what it asks of whom, what it believes, and how long it remembers."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import pytest

from crawler import name_memory
from crawler.nameservers import DENIED_ASIDE, Rate
from crawler.visit.dns import Resolver
from crawler.visit.failures import LookUpError, NameServersFailedError, NoSuchNameError
from tests.internet.odd_dns import SINK, Manner, OddNameServer

NAMES = {f"h{n}.n{n}.test": f"127.1.0.{n + 1}" for n in range(40)}
LOST = [f"lost.l{n}.test" for n in range(20)]


_BUSY_S = 0.3  # by which a busy machine may bring arrivals closer together


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What ends with the test."""
    with ExitStack() as stack:
        yield stack


def served(stack: ExitStack, *manners: Manner, **how: Any) -> list[OddNameServer]:
    """Start a name server for each manner."""
    return [stack.enter_context(OddNameServer(NAMES, manner, **how)) for manner in manners]


@asynccontextmanager
async def resolving(
    servers: list[OddNameServer], timeout_s: float = 5.0, **options: Any
) -> AsyncIterator[Resolver]:
    """Make a resolver that asks these servers."""
    resolver = Resolver(tuple(server.text for server in servers), timeout_s, **options)
    try:
        yield resolver
    finally:
        await resolver.close()


async def said(resolver: Resolver, name: str) -> str:
    """Return the address of a name, or the class of what went wrong."""
    try:
        return (await resolver.addresses(name))[0]
    except LookUpError as error:
        return type(error).__name__


async def all_said(resolver: Resolver, names: list[str]) -> dict[str, str]:
    """Look names up, all at a time."""
    return dict(zip(names, await asyncio.gather(*(said(resolver, n) for n in names)), strict=True))


TRUE = NAMES | dict.fromkeys(LOST, NoSuchNameError.__name__)


QUICK = (Manner.DENIES, Manner.SINKS, Manner.SINKS_LOST, Manner.FAILS, Manner.TRUNCATES, Manner.OLD)
ODD = [
    pytest.param(manner, first, id=f"{manner.name} {'first' if first else 'second'}", marks=marks)
    for manner in Manner
    for first in (True, False)
    for marks in ([] if first and manner in QUICK else [pytest.mark.slow],)
]


@pytest.mark.parametrize(("manner", "first"), ODD)
async def test_one_odd_server_of_two_changes_nothing(
    stack: ExitStack, manner: Manner, first: bool
) -> None:
    """Whatever one of two name servers does, every name ends as it is in truth."""
    servers = served(stack, *((manner, Manner.HONEST) if first else (Manner.HONEST, manner)))
    async with resolving(servers) as resolver:
        one_after_other = {name: await said(resolver, name) for name in list(TRUE)[:3]}
        assert one_after_other | await all_said(resolver, list(TRUE)) == TRUE


@pytest.mark.parametrize(
    ("manner", "outcome"),
    [
        (Manner.SINKS, NameServersFailedError),
        (Manner.FAILS, NameServersFailedError),
        (Manner.REFUSES, NameServersFailedError),
        (Manner.REFERS, NameServersFailedError),
        (Manner.GARBAGE, NameServersFailedError),
        (Manner.DENIES, NoSuchNameError),
    ],
)
async def test_the_only_server_is_believed_unless_it_is_caught(
    stack: ExitStack, manner: Manner, outcome: type[Exception]
) -> None:
    """Alone, a server that gives one address for all names is caught; one that denies all is not."""
    async with resolving(served(stack, manner), timeout_s=1.0) as resolver:
        assert set((await all_said(resolver, list(NAMES))).values()) == {outcome.__name__}
        assert any(SINK in told for told in resolver.told) == (manner is Manner.SINKS)


@pytest.mark.slow  # it is left alone for seconds
async def test_a_server_that_dies_is_asked_last_and_taken_back(stack: ExitStack) -> None:
    """In the middle one dies: soon nobody waits for it; when it is back, it is asked again."""
    servers = served(stack, Manner.HONEST, Manner.HONEST)
    names = list(NAMES)
    async with resolving(servers) as resolver:
        await all_said(resolver, names[:10])
        servers[0].manner = Manner.SILENT
        await all_said(resolver, names[10:15])
        before = len(servers[0].lookups())
        began = asyncio.get_running_loop().time()
        assert (await all_said(resolver, names[15:25])) == {n: NAMES[n] for n in names[15:25]}
        assert asyncio.get_running_loop().time() - began < 0.9
        assert len(servers[0].lookups()) == before
        assert any("fails where others answer" in told for told in resolver.told)
        servers[0].manner = Manner.HONEST
        await asyncio.sleep(5.1)
        await said(resolver, names[25])
        await all_said(resolver, names[26:])
        assert len(servers[0].lookups()) >= before + 2 * len(names[26:])


async def test_when_all_die_nothing_is_denied_and_nothing_is_remembered(stack: ExitStack) -> None:
    """Without any server every name fails for now; it is found as soon as one is back."""
    servers = served(stack, Manner.SILENT, Manner.SILENT)
    async with resolving(servers, timeout_s=0.5) as resolver:
        names = list(NAMES)
        assert set((await all_said(resolver, names)).values()) == {"NameServersFailedError"}
        servers[1].manner = Manner.HONEST
        await asyncio.sleep(name_memory.FAILED_S)
        slow = Resolver(tuple(server.text for server in servers), 5.0)
        assert await all_said(slow, names) == NAMES
        await slow.close()


async def test_nobody_is_believed_who_denies_everything_alone(stack: ExitStack) -> None:
    """A denial that no other server confirms, of a server that has found nothing, settles nothing."""
    servers = served(stack, Manner.DENIES, Manner.SILENT)
    async with resolving(servers, timeout_s=1.5) as resolver:
        assert set((await all_said(resolver, list(NAMES))).values()) == {"NameServersFailedError"}


async def test_a_server_that_denies_is_soon_asked_last(stack: ExitStack) -> None:
    """After so many names that only it denies, a server is left alone for a while, and named."""
    servers = served(stack, Manner.DENIES, Manner.HONEST)
    async with resolving(servers) as resolver:
        for name in NAMES:
            await said(resolver, name)
        assert len(servers[0].names()) == DENIED_ASIDE
        assert any("denies names that others find" in told for told in resolver.told)


async def test_a_name_is_asked_for_once_as_long_as_the_answer_lives(
    stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many want a name, A and AAAA are asked once; and again when the answer is over."""
    monkeypatch.setattr(name_memory, "MIN_TTL_S", 0.0)
    monkeypatch.setattr(name_memory, "MIN_DENIED_S", 0.0)
    (server,) = served(stack, Manner.HONEST, ttl_s=1, denied_s=1)
    name = next(iter(NAMES))
    async with resolving([server]) as resolver:
        for _ in range(3):
            await asyncio.gather(*(said(resolver, wanted) for wanted in [name, LOST[0]] * 5))
        once = {(wanted, kind): 1 for wanted in (name, LOST[0]) for kind in ("A", "AAAA")}
        assert Counter((one.name, one.qtype) for one in server.lookups()) == once
        await asyncio.sleep(1.1)
        await all_said(resolver, [name, LOST[0]])
        assert Counter((one.name, one.qtype) for one in server.lookups()) == dict.fromkeys(once, 2)


async def test_the_rate_of_questions_is_held(stack: ExitStack) -> None:
    """No server is asked more often than the rate says, whoever wants how much at once."""
    rate = Rate(per_s=100.0, burst=10)
    servers = served(stack, Manner.HONEST, Manner.DENIES)
    async with resolving(servers, rate=rate) as resolver:
        await all_said(resolver, list(TRUE))
    for server in servers:
        moments = sorted(one.monotonic_s for one in server._lookups)
        assert len(moments) > rate.burst
        for at, begin in enumerate(moments):
            for count, end in enumerate(moments[at:], 1):
                assert count <= rate.burst + rate.per_s * (end - begin + _BUSY_S)


async def test_the_text_says_who_said_no(stack: ExitStack) -> None:
    """What is recorded of a name that is not found tells how that is known."""
    async with resolving(served(stack, Manner.HONEST, Manner.HONEST)) as resolver:
        with pytest.raises(NoSuchNameError, match="no such name, say 2 name servers"):
            await resolver.addresses(LOST[0])
    async with resolving(served(stack, Manner.HONEST, Manner.SILENT)) as resolver:
        await said(resolver, next(iter(NAMES)))
        with pytest.raises(NoSuchNameError, match="says one name server, and no other one answers"):
            await resolver.addresses(LOST[0])
    async with resolving(served(stack, Manner.REFUSES)) as resolver:
        with pytest.raises(NameServersFailedError, match="the name server says REFUSED"):
            await resolver.addresses(LOST[0])
