"""The bench's arithmetic: what is subtracted, how peers are compared, when a number holds."""

from hypothesis import given
from hypothesis import strategies as st

from bench.crawl import table
from bench.crawl.links import Workload
from bench.crawl.measure import Spent
from bench.crawl.rounds import Result, Walk, net

RATES = st.lists(st.floats(min_value=1, max_value=1e5), min_size=1, max_size=5)


def _result(name: str, rates: dict[str, list[float]]) -> Result:
    walks = {
        peer: [Walk(links=1000, wall_s=1000 / rate, cpu_s=1.0, start_s=0.5) for rate in of_peer]
        for peer, of_peer in rates.items()
    }
    return Result(Workload(name, 50, {}), walks)


@given(rates=RATES, factor=st.floats(min_value=0.1, max_value=10))
def test_a_ratio_is_that_of_the_same_round(rates: list[float], factor: float) -> None:
    """A peer that is k times as fast in every round is k times as fast, however the rounds vary."""
    result = _result("any", {"stillup": [rate * factor for rate in rates], "bare": rates})
    value = table.ratio(result, "stillup", "bare")
    assert value is not None
    assert abs(value / factor - 1) < 1e-9


def test_starting_and_ending_are_subtracted() -> None:
    """The median of the short walks is taken off wall and CPU time of every long one."""
    starts = [Spent(1.0, 0.9), Spent(1.1, 1.0), Spent(1.2, 1.1)]
    (walk,) = net(1000, [Spent(6.1, 5.0)], starts)
    assert round(walk.links_per_s) == 200
    assert round(walk.cpu_us_per_link) == 4000


def test_a_walk_shorter_than_the_noise_is_not_told() -> None:
    """Where starting varies by more than half of what the links took, there is no figure."""
    starts = [Spent(6.0, 6.0), Spent(9.0, 9.0)]
    assert net(100, [Spent(9.5, 9.0)], starts) == []


def test_a_walk_far_shorter_than_starting_is_not_told() -> None:
    """One round shows no variation, so a sliver on top of a long start gives no figure either."""
    assert net(600, [Spent(11.04, 4.9)], [Spent(11.0, 4.0)]) == []


def test_a_busy_machine_is_told() -> None:
    """When something else ran on the peers' core, the result says not to trust the rates."""
    walk = Walk(links=1000, wall_s=3.0, cpu_s=1.0, start_s=0.5)
    busy = Result(Workload(table.VISITS, 50, {}), {"bare": [walk]})
    assert "33% of its core" in str(table.busy(busy))
    calm = Result(busy.workload, {"bare": [Walk(1000, 1.0, 0.99, 0.5)]})
    assert table.busy(calm) is None


def test_numbers_hold_or_do_not() -> None:
    """Each hold whose peers were walked is judged against its least ratio."""
    result = _result(table.VISITS, {"stillup": [650.0], "bare": [1000.0], "img2dataset": [200.0]})
    assert [holds for holds, _ in table.verdicts([result])] == [True, False]


def test_a_hold_that_was_lost_in_the_noise_does_not_hold() -> None:
    """What cannot be told is never passed off as held."""
    result = _result(table.VISITS, {"stillup": [650.0], "bare": []})
    assert [holds for holds, _ in table.verdicts([result])] == [False]
