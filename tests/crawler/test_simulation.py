"""Forecasts: what is computed agrees with what is simulated, and both with the rules of politeness."""

import json
from itertools import chain, pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bench.simulate.least import FAR_LARGER, FIVE_LINKS, ONE_DOMAIN, SHAPES, walked
from crawler import frontier
from crawler.doubt import PATIENCE_S
from crawler.options import load_policy
from crawler.plan.shards import place
from crawler.records.errors import WrongUse
from crawler.simulation.bounds import Rules, cycle_s
from crawler.simulation.crawls import fates_of, of_hosts, simulated
from crawler.simulation.exact import World, simulate
from crawler.simulation.host import Fate, HostPlan, Kind
from crawler.simulation.mix import load_world
from crawler.simulation.scenario import Scenario
from crawler.simulation.schedule import busy, in_turn, makespan_s
from crawler.simulation.summary import Prices
from crawler.simulation.synthetic import ListOptions
from crawler.visit import hosts
from tests.runs import planned, stillup_here

MIX, COSTS, SKEW = load_world()
BASE = Scenario(
    name="test", policy=load_policy(), mix=MIX, costs=COSTS, options=ListOptions(links=1000)
)
FATES = (
    Fate(ttfb_s=0.1, connect_s=0.05),
    Fate(ttfb_s=1.0, body_s=0.3),
    Fate(ttfb_s=0.05, crawl_delay_s=3.0),
    Fate(kind=Kind.NO_NAME, lookup_s=0.1),
    Fate(kind=Kind.REFUSES, connect_s=0.05),
)


def hosts_of(sizes: list[int], shards: int = 1) -> dict[int, list[HostPlan]]:
    """Return hosts of these sizes, dealt out to shards."""
    plans = [HostPlan(f"h{n}.d{n}.test", f"d{n}.test", 1, size) for n, size in enumerate(sizes)]
    return {shard: plans[shard::shards] for shard in range(shards)}


def doubt_s(seen: dict[str, Fate]) -> float:
    """Return how long a shard's refusals wait for a witness where nobody else vouches for us.

    That is three times: for a success of somebody else, then for the witness's turn, connection and
    answer. What is computed is without, as it is of big crawls, in which somebody always connects.
    """
    answers = [fate for fate in seen.values() if fate.kind is Kind.ANSWERS]
    rules = Rules(BASE.policy, COSTS)
    turn_s = max((cycle_s(fate, rules, "", 1) for fate in answers), default=0.0)
    answer_s = max((fate.connect_s + fate.ttfb_s for fate in answers), default=0.0)
    return BASE.policy.max_host_failures * (PATIENCE_S + turn_s + answer_s)


@pytest.mark.parametrize("examples", [8, pytest.param(500, marks=pytest.mark.slow)])
def test_the_computed_time_is_the_simulated_one(examples: int) -> None:
    """Whatever hosts there are, what is computed is within five percent or two seconds of a walk.

    But for the time in which refusals wait until somebody vouches for us.
    """

    @settings(max_examples=examples)
    @example(
        sizes=[1, 1, 2, 1, 1], kinds=[*map(FATES.__getitem__, (4, 1, 4, 1, 4)), *FATES], workers=1
    )
    # Time did not pass: what was left of a wait was less than the clock's last bit.
    @example(sizes=[3, 9], kinds=[*map(FATES.__getitem__, (4, 0, 4, 1, 3, 0, 1, 3))], workers=1)
    @given(
        sizes=st.lists(st.integers(1, 25), min_size=1, max_size=8),
        kinds=st.lists(st.sampled_from(FATES), min_size=8, max_size=8),
        workers=st.integers(1, 3),
    )
    def forecast_both(sizes: list[int], kinds: list[Fate], workers: int) -> None:
        shards = hosts_of(sizes, 2)
        seen = {host.host: kinds[n] for n, host in enumerate(chain(*shards.values()))}
        computed_s = of_hosts(shards, seen, BASE, workers, 0).makespan_s
        found = simulated(shards, seen, BASE, workers, 0)
        refused = sum(
            any(seen[host.host].kind is Kind.REFUSES for host in hosts) for hosts in shards.values()
        )
        waits_s = doubt_s(seen) * (refused if workers == 1 else min(refused, 1))
        off_s = max(0.05 * computed_s, 2.0)
        assert computed_s - off_s <= found.makespan_s <= computed_s + off_s + waits_s
        assert found.makespan_s >= 0.97 * found.bound[1] - 2.0

    forecast_both()


@pytest.mark.parametrize(
    ("shape", "places"),
    [
        ("one large, twice as many small", 4),
        ("half as many large, four times as many small", 4),
        (FAR_LARGER, 4),
        (ONE_DOMAIN, 64),
        *(
            pytest.param(shape, places, marks=pytest.mark.slow)
            for shape in SHAPES
            if shape not in {FIVE_LINKS, ONE_DOMAIN}
            for places in (4, 16)
        ),
    ],
)
def test_a_crawl_takes_hardly_longer_than_it_must(shape: str, places: int) -> None:
    """However links are spread over more hosts than places, a worker is done within 1.05 of the least."""
    assert walked(shape, places).ratio <= 1.05


@pytest.mark.timeout(30)
def test_hosts_that_refuse_are_given_up_however_many_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each is tried as often as the policy says, though more wait for their next try than are known."""
    monkeypatch.setattr(hosts, "_KEEP", 10)
    monkeypatch.setattr(frontier, "_MOST_KEPT", 120)
    plans = [HostPlan(f"h{n}.test", f"h{n}.test", 1, 2) for n in range(300)]
    fates = {plan.host: Fate(kind=Kind.REFUSES, connect_s=0.05) for plan in plans}
    found = simulate(World({0: plans}, fates, COSTS), [0], 1, BASE.policy)
    assert found.outcomes == {"connect_refused": 2 * len(plans)}
    assert found.usage.connections == BASE.policy.max_host_failures * len(plans)


def test_a_simulation_can_be_repeated() -> None:
    """The same seed gives the same crawl, and a host's fate does not hang on who else is there."""
    shards = hosts_of([30, 10, *[3] * 10])
    assert (
        simulated(shards, {}, BASE, 1, 7).makespan_s == simulated(shards, {}, BASE, 1, 7).makespan_s
    )
    alone = {0: shards[0][:1]}
    assert fates_of(alone, {}, BASE, 7).items() <= fates_of(shards, {}, BASE, 7).items()


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=50), st.integers(1, 8))
def test_workers_take_shards_in_turn(seconds: list[float], workers: int) -> None:
    """No worker has two shards at a time, none rests while one waits, and Graham's bound holds."""
    walks = in_turn(list(enumerate(seconds)), workers)
    least_s = max(*seconds, sum(seconds) / workers)
    assert least_s - 1e-6 <= makespan_s(walks) <= 2 * least_s + 1e-6
    assert all(count <= workers for _, count in busy(walks))


@pytest.mark.parametrize("links", [100_000, 5_850_000_000])
def test_a_made_up_list_is_as_long_as_was_asked(links: int) -> None:
    """Sizes spread over domains add up, and fall from the largest on."""
    classes = list(SKEW.classes(links, 10_000))
    assert sum(one.domains * one.links for one in classes) == pytest.approx(links, rel=0.02)
    assert all(later.links <= 1.3 * one.links for one, later in pairwise(classes))


def test_a_split_domain_is_slow_with_few_workers() -> None:
    """Parts of a domain that are walked one after the other use a part of its rate each."""
    parts = place([("big.test", 2000)], 16_000, 64)
    assert len(parts) == parts[0].domain_shards == 8
    split = {one.shard: [HostPlan("big.test", "big.test", 8, 250)] for one in parts}
    whole = {0: [HostPlan("big.test", "big.test", 1, 2000)]}
    seen = {"big.test": FATES[0]}
    split_s, whole_s = (of_hosts(one, seen, BASE, 2, 0).makespan_s for one in (split, whole))
    assert split_s > 3 * whole_s


def test_the_command_tells_a_run_in_json(tmp_path: Path) -> None:
    """`stillup simulate RUN` forecasts its links, with a change and its cost, and asks nobody."""
    run = planned(tmp_path, [f"http://one.example/{n}.jpg" for n in range(30)])
    options = ("--what-if", "delay=2", "--cpu-hour", "3600", "--format", "json")
    done = stillup_here("simulate", run, *options)
    assert done.returncode == 0, done.stderr
    as_it_is, slower = json.loads(done.stdout)
    assert as_it_is["simulated"]
    assert as_it_is["links"] == 30
    assert slower["makespan_s"] > as_it_is["makespan_s"]
    assert as_it_is["cost"] == pytest.approx(as_it_is["worker_s"], rel=1e-3)
    table = stillup_here("simulate", run, "--simulate-up-to", "0")
    assert "computed from below" in table.stdout


@pytest.mark.parametrize("text", ["delay", "speed=2", "connections=0", "split=maybe", "shards=x"])
def test_a_change_that_is_none_is_refused(text: str) -> None:
    """What cannot be changed is wrong use, and the line says what can."""
    done = stillup_here("simulate", "--links", "10000", "--what-if", text)
    assert done.returncode == 2
    assert "--what-if" in done.stderr


def test_a_world_that_cannot_be_is_refused(tmp_path: Path) -> None:
    """A share above one, and a field that there is not, are wrong use."""
    for text in ("served_share = 2", "colour = 1", "ttfb_s = 'x'"):
        (tmp_path / "world.toml").write_text(text, encoding="utf-8")
        with pytest.raises(WrongUse, match=r"simulation\.toml"):
            load_world(tmp_path / "world.toml")


def test_no_price_no_cost() -> None:
    """Nothing is priced that nobody priced."""
    shards = hosts_of([3])
    assert Prices().cost(of_hosts(shards, {}, BASE, 1, 0)) is None
