"""Turns at hosts, domains and addresses: one contract for one process and for several."""

import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.turns import LocalTurns, SharedTurns, Turns
from tests.warm.call import calling


@pytest.fixture(params=["local", "shared"])
def turns(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Turns]:
    """Yield turns of each kind, with nothing taken."""
    if request.param == "local":
        yield LocalTurns()
        return
    SharedTurns.create(tmp_path / "turns")
    shared = SharedTurns(tmp_path / "turns")
    yield shared
    shared.close()


def test_all_or_none_are_taken(turns: Turns) -> None:
    """Where one key is taken, the others stay free, and it is said when to try again."""
    assert not turns.take([("a", 5.0)], now=1.0)
    assert turns.take([("b", 3.0), ("a", 9.0)], now=2.0) == 5.0
    assert turns.free_at("b") <= 2.0
    assert not turns.take([("b", 3.0), ("a", 9.0)], now=5.0)
    assert turns.free_at("a") == 9.0


def test_who_holds_a_key_may_say_otherwise(turns: Turns) -> None:
    """A host that was taken until its answer is free when the answer says so, or later."""
    turns.take([("host", 60.0)], now=1.0)
    turns.hold("host", 4.0, now=3.0)
    assert turns.free_at("host") == 4.0
    assert not turns.take([("host", 70.0)], now=4.0)


def test_a_long_pause_keeps_no_other_key() -> None:
    """While one host is paused the keys that are free again are dropped, and its own is not."""
    turns = LocalTurns()
    turns.hold("paused", 1e9, now=0.0)
    for now in range(20_000):
        turns.hold(f"host {now}", now + 1.0, now=float(now))
    assert turns.free_at("paused") == 1e9
    assert len(turns._free_at) <= 5_001


def test_a_slowdown_is_known_to_every_process(tmp_path: Path) -> None:
    """What one process was told of a host, another finds when it takes the host's key."""
    SharedTurns.create(tmp_path / "turns")
    one, two = (SharedTurns(tmp_path / "turns") for _ in range(2))
    one.take([("host", 60.0)], now=1.0)
    one.hold("host", 5.0, now=1.5, slowdown_s=3.5)
    assert two.slowdown_s("host") == 3.5
    assert not two.take([("host", 70.0)], now=5.0)
    assert two.slowdown_s("host") == 3.5
    assert two.slowdown_s("another") == 0.0
    one.close()
    two.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.floats(0.0, 3.0), st.floats(0.01, 5.0)), max_size=60)
)
def test_nobody_is_let_in_before_a_key_is_free(
    turns: Turns, steps: list[tuple[int, float, float]]
) -> None:
    """Whatever is asked for in whatever order, a key that was taken is not given out meanwhile."""
    now = max((turns.free_at(f"key {n}") for n in range(31)), default=0.0)
    until: dict[int, float] = {}
    for key, passed_s, delay_s in steps:
        now += passed_s
        refused_until = turns.take([(f"key {key}", now + delay_s)], now)
        if until.get(key, 0.0) > now:
            assert refused_until >= until[key] - 1e-9
        elif not refused_until:
            until[key] = now + delay_s


def test_a_full_table_is_slower_and_not_ruder(tmp_path: Path) -> None:
    """More keys than there are places: those that find none wait, and those taken stay taken."""
    SharedTurns.create(tmp_path / "turns")
    shared = SharedTurns(tmp_path / "turns")
    taken = [n for n in range(150_000) if not shared.take([(f"key {n}", 10.0)], now=1.0)]
    assert 50_000 < len(taken) < 65_537
    assert all(shared.free_at(f"key {n}") == 10.0 for n in taken[::97])
    shared.hold("one more", 20.0, now=2.0)
    assert shared.free_at("one more") >= 10.0
    assert not shared.take([("one more", 30.0)], now=20.0)
    shared.close()


def test_processes_see_each_other(tmp_path: Path) -> None:
    """Of two processes that want one key again and again, never do two have it at once."""
    table = tmp_path / "turns"
    SharedTurns.create(table)
    users = [calling(take_often, table) for _ in range(2)]
    told = [json.loads(user.communicate(timeout=60)[0]) for user in users]
    moments = sorted(itertools.chain(*told))
    gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert len(moments) == 40
    assert min(gaps) >= 0.01


def take_often(table: str) -> list[float]:
    shared = SharedTurns(Path(table))
    moments: list[float] = []
    while len(moments) < 20:
        now = time.monotonic()
        if not shared.take([("key", now + 0.01)], now):
            moments.append(now)
        time.sleep(0.001)
    shared.close()
    return moments
