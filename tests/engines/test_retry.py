"""What is tried again: bounded in vain, without end while there is progress."""

from hypothesis import given
from hypothesis import strategies as st

from crawler.engines.retry import MOST_DEATHS, TAKEN_S, Tries, after
from crawler.tally import Trouble


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60))
def test_a_shard_is_given_up_when_it_kills_its_workers_in_vain(gains: list[int]) -> None:
    """However deaths and progress alternate: given up at the sixth death in a row without any."""
    tries, done, in_a_row = Tries(), 0, 0
    for gain in gains:
        done += gain
        in_a_row = 1 if gain else in_a_row + 1
        tries, wait_s = after(tries, Trouble.DIED, done=done, now_s=0.0)
        assert (wait_s is None) == (in_a_row > MOST_DEATHS)
        if wait_s is None:
            return
        assert 1.0 <= wait_s <= 60.0


@given(st.lists(st.floats(0.1, 30.0), min_size=1, max_size=60))
def test_a_taken_shard_is_waited_for_as_long_as_a_dead_worker_may_hold_it(
    steps_s: list[float],
) -> None:
    """Another's shard is asked for again every few seconds, and given up after two minutes."""
    tries, now_s = Tries(), 1000.0
    first_s = now_s
    for step_s in steps_s:
        tries, wait_s = after(tries, Trouble.TAKEN, done=0, now_s=now_s)
        assert (wait_s is None) == (now_s - first_s >= TAKEN_S)
        now_s += step_s


def test_a_death_begins_the_wait_for_its_shard_anew() -> None:
    """Who died after a long wait leaves the whole time for what it still holds."""
    tries, _ = after(Tries(), Trouble.TAKEN, done=0, now_s=0.0)
    tries, _ = after(tries, Trouble.DIED, done=9, now_s=TAKEN_S)
    _, wait_s = after(tries, Trouble.TAKEN, done=9, now_s=TAKEN_S + 1)
    assert wait_s is not None
