"""Requests that are under way: whose hosts they keep taken, and silences in hindsight."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crawler.doubt import Asked, Failure, Layer, Silence
from crawler.options import load_policy
from crawler.simulation.loop import VirtualClock, VirtualLoop
from crawler.turns import LocalTurns
from crawler.visit.host_state import HostState
from crawler.visit.hosts import Hosts

POLICY = load_policy()
DOMAINS = [f"d{number}.example" for number in range(4)]


def virtually(test: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(test)


def at(hosts: Hosts, number: int) -> HostState:
    """Return a host of many, on one address."""
    state = hosts.of(f"h{number}.example", f"h{number}.example")
    state.addresses = ("192.0.2.1",)
    return state


def test_a_host_is_taken_as_long_as_its_request_is_under_way() -> None:
    """However long an answer takes, nobody else asks the host; when it is there, others may."""

    async def ask() -> None:
        clock, turns = VirtualClock(), LocalTurns()
        hosts = Hosts(POLICY, clock, turns)
        state = at(hosts, 0)
        await hosts.turn(state)
        for _ in range(20):
            await clock.sleep_until(clock.now() + 19.0)
            assert turns.take([(state.host_key, clock.now() + 60.0)], clock.now())
        hosts.learned(state, 2.0)
        assert turns.free_at(state.host_key) > clock.now() + 30.0
        hosts.answered(state, 0.0, 0.1)
        assert turns.free_at(state.host_key) <= clock.now() + 2.0

    virtually(ask())


def test_a_host_stays_taken_while_its_request_waits_for_an_unforeseen_address() -> None:
    """A line of five minutes at the address lets no other worker in at the host."""

    async def wait() -> None:
        clock, turns = VirtualClock(), LocalTurns()
        hosts = Hosts(POLICY, clock, turns)
        turns.hold("a 192.0.2.1", clock.now() + 300.0, clock.now())
        state = hosts.of("late.example", "late.example")
        await hosts.turn(state, 80)
        began = clock.now()
        waiting = asyncio.create_task(hosts.connected(state, 80, "192.0.2.1"))
        while not waiting.done():
            assert turns.take([(state.host_key, clock.now() + 60.0)], clock.now())
            await clock.sleep_until(clock.now() + 7.0)
        assert clock.now() - began >= 300.0
        assert turns.free_at(state.host_key) > clock.now()

    virtually(wait())


def test_a_host_of_a_request_that_was_broken_off_is_free_again() -> None:
    """A stop lets go of the host after its delay."""

    async def stop() -> None:
        clock, turns = VirtualClock(), LocalTurns()
        hosts = Hosts(POLICY, clock, turns)
        state = at(hosts, 0)
        await hosts.turn(state)
        hosts.abandoned(state)
        await clock.sleep_until(clock.now() + 100.0)
        assert not turns.take([(state.host_key, clock.now() + 60.0)], clock.now())

    virtually(stop())


async def silent(seconds: float, unanswered: int, answered: int) -> list[Silence]:
    """Ask hosts that answered before, hear nothing for a while, then hear some; return silences."""
    clock = VirtualClock()
    hosts = Hosts(POLICY, clock)
    states = [at(hosts, number) for number in range(unanswered + answered)]
    for state in [*states, *states]:
        await hosts.turn(state)
        if not state.asked or not state.asked.had_answered:
            hosts.under_way.heard(state)
            hosts.answered(state, 0.0, 0.1)
    await clock.sleep_until(clock.now() + seconds)
    for state in states[unanswered:]:
        hosts.under_way.heard(state)
        hosts.answered(state, 0.0, 0.1)
    return list(hosts.under_way.silences())


@given(st.sampled_from([0.6, 5.0]), st.integers(0, 4), st.integers(1, 4))
def test_a_silence_is_an_outage_when_hosts_that_had_answered_never_did(
    seconds: float, unanswered: int, answered: int
) -> None:
    """Two unrelated ones are enough, one is not, and those that were only slow do not count."""

    async def judge() -> None:
        found = await silent(seconds, unanswered, answered)
        now = asyncio.get_running_loop().time()
        failure = Failure(Layer.ANSWERS, "else.example", now - 1, now, was_said=False)
        assert any(one.explains(failure, now) for one in found) == (unanswered >= 2)

    virtually(judge())


def test_what_was_answered_after_a_silence_is_not_kept_for_long() -> None:
    """When the next silence is noted, the one before holds only requests that never were answered."""

    async def hear() -> None:
        clock = VirtualClock()
        hosts = Hosts(POLICY, clock)
        states = [at(hosts, number) for number in range(5)]
        for _ in range(4):
            for state in states:
                await hosts.turn(state)
            await clock.sleep_until(clock.now() + 5.0)
            for state in states:
                hosts.under_way.heard(state)
                hosts.answered(state, 0.0, 0.1)
        last, *before = hosts.under_way.silences()
        assert len(last.asked) > 0
        assert {one.registered_domain for silence in before for one in silence.asked} == set()

    virtually(hear())


@given(
    st.lists(
        st.builds(Asked, st.sampled_from(DOMAINS), st.just(10.0), st.just(True), st.booleans())
    ),
    st.floats(0, 30),
    st.floats(0, 30),
    st.booleans(),
)
def test_a_silence_explains_only_what_was_under_way_in_it(
    asked: list[Asked], began: float, lasted_s: float, was_said: bool
) -> None:
    """A failure outside of it, or one that somebody said, is not laid at it."""
    silence = Silence(10.0, 12.0, asked)
    failure = Failure(Layer.ANSWERS, DOMAINS[0], began, began + lasted_s, was_said)
    overlaps = began <= silence.ended and began + lasted_s >= silence.began
    domains = {one.registered_domain for one in asked if not one.answered}
    expected = overlaps and not was_said and len(domains) >= 2
    assert silence.explains(failure, now=60.0) == expected
