"""The rules for name servers: how often, in which order, and what their word is worth."""

import math

from hypothesis import given
from hypothesis import strategies as st

from crawler.dns_message import Rcode, Reply
from crawler.name_memory import (
    FAILED_S,
    MAX_DENIED_S,
    MAX_TTL_S,
    MIN_DENIED_S,
    MIN_TTL_S,
    Said,
    together,
)
from crawler.nameservers import (
    DENIED_ASIDE,
    OUTDONE_ASIDE,
    Rate,
    Standing,
    denied,
    found,
    order,
    outdone,
    proved,
    said_no,
    tried,
)
from crawler.opinions import Opinions

MOMENTS = st.lists(st.floats(0, 20), min_size=1, max_size=200).map(sorted)
ADDRESSES = st.lists(
    st.sampled_from(["192.0.2.1", "192.0.2.2", "2001:db8::1"]), max_size=3, unique=True
).map(tuple)
SAID = st.one_of(
    st.builds(Said, addresses=ADDRESSES.filter(bool)),
    st.just(Said(missing=True)),
    st.just(Said(why="says SERVFAIL")),
)


@given(MOMENTS, st.floats(0.5, 50), st.integers(1, 20))
def test_no_stretch_of_time_has_more_questions_than_the_rate(
    wanted: list[float], per_s: float, burst: int
) -> None:
    """However questions come, in any stretch leave at most a burst and the rate times its length."""
    rate, due_at, left = Rate(per_s, burst), 0.0, []
    for now in wanted:
        leaves_at, due_at = rate.reserved(due_at, now)
        assert leaves_at >= now
        left.append(leaves_at)
    assert left == sorted(left)
    for at, begin in enumerate(left):
        for count, end in enumerate(left[at:], 1):
            assert count <= burst + per_s * (end - begin) + 1e-6


@given(st.floats(0.5, 50), st.integers(1, 20), st.floats(0, 100))
def test_whoever_asks_seldom_never_waits(per_s: float, burst: int, begin: float) -> None:
    """A pace below the rate is never held up."""
    rate, due_at = Rate(per_s, burst), 0.0
    for step in range(50):
        now = begin + step / per_s
        leaves_at, due_at = rate.reserved(due_at, now)
        assert math.isclose(leaves_at, now, abs_tol=1e-6)


EVENTS = st.lists(
    st.tuples(st.sampled_from(["found", "no", "outdone", "denied", "tried"]), st.floats(0, 30)),
    max_size=80,
)


@given(EVENTS)
def test_a_server_is_aside_only_for_cause_and_never_for_good(
    events: list[tuple[str, float]],
) -> None:
    """It takes failures in a row to be set aside, for five minutes at most; one success ends it."""
    standing, now, in_a_row = Standing(), 0.0, 0
    for event, pause_s in events:
        now += pause_s
        if event == "found":
            standing, in_a_row = found(standing), 0
            assert not standing.is_doubted
        elif event == "no":
            standing = said_no(standing)
        elif event == "tried":
            standing = tried(standing, now)
        else:
            standing = outdone(standing, now) if event == "outdone" else denied(standing, now)
            in_a_row += 1
        assert standing.aside_until <= now + 300
        if standing.is_doubted:
            assert in_a_row >= min(OUTDONE_ASIDE, DENIED_ASIDE)


@given(
    st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=1, max_size=5),
)
def test_everybody_is_in_the_order_and_who_is_aside_comes_last(
    servers: list[tuple[float, float]],
) -> None:
    """No server is left out; of those in good standing the soonest goes first."""
    standings = [Standing(aside_until=until) for until, _ in servers]
    ordered = order(standings, [free_at for _, free_at in servers], 0.0)
    assert sorted(ordered) == list(range(len(servers)))
    asides = [standings[one].is_aside(0.0) for one in ordered]
    assert asides == sorted(asides)


@given(st.lists(SAID, min_size=1, max_size=4), st.sets(st.integers(0, 3)), st.booleans())
def test_what_counts_was_said_and_a_denial_is_never_alone(
    answers: list[Said], shared: set[int], has_found: bool
) -> None:
    """Addresses come from a server that is believed; "no such name" from two, or one with a record."""
    standings = [Standing(has_found=has_found) for _ in answers]
    said = dict(enumerate(answers))
    counts = Opinions(said, (), shared & set(said)).settled(standings, 0.0)
    assert counts is not None
    if counts.addresses:
        assert counts in answers
    denying = sum(one.missing for one in answers)
    if counts.missing:
        assert denying > 1 or has_found or len(answers) == 1
    if any(one.addresses for one in answers) and not shared:
        assert counts.addresses
    if len(answers) == 1:
        assert counts.addresses == answers[0].addresses
        assert counts.missing == answers[0].missing


@given(st.lists(SAID, min_size=2, max_size=4))
def test_a_lie_is_never_believed(answers: list[Said]) -> None:
    """An address that a server gives for what nobody can have counts from no server that does."""
    standings = [proved(Standing(), 0.0, one.addresses) for one in answers]
    counts = Opinions(dict(enumerate(answers)), (), ()).settled(standings, 0.0)
    assert counts is not None
    assert not counts.addresses


def test_a_failure_counts_against_a_server_only_where_another_answers() -> None:
    """A name that nobody can look up is its own operator's fault."""
    standings = [Standing(), Standing()]
    fails, knows = Said(why="says SERVFAIL"), Said(("192.0.2.1",))
    both = Opinions({0: fails, 1: fails})
    assert both.judged(standings, Said(why=""), 0.0)[0].outdone == 0
    one = Opinions({0: fails, 1: knows})
    assert one.judged(standings, knows, 0.0)[0].outdone == 1


def test_an_address_of_many_names_needs_another_voice() -> None:
    """It counts when another server gives it or has none; else the other one's does, and it is noted."""
    many, own = Said(("192.0.2.1",)), Said(("192.0.2.7",))
    standings = [Standing(), Standing()]
    assert Opinions({0: many}, (), {0}).settled(standings, 0.0) is None
    assert Opinions({0: many, 1: many}, (), {0}).settled(standings, 0.0) == many
    assert Opinions({0: many}, {1}, {0}).settled(standings, 0.0) == many
    disagreeing = Opinions({0: many, 1: own}, (), {0})
    assert disagreeing.settled(standings, 0.0) == own
    assert disagreeing.judged(standings, own, 0.0)[0].lies == {"192.0.2.1"}


REPLIES = st.builds(
    Reply,
    st.sampled_from([*Rcode, 9]),
    lives_s=st.one_of(st.none(), st.integers(0, 2**31 - 1)),
    leads_elsewhere=st.booleans(),
) | st.builds(Reply, st.just(0), ADDRESSES.filter(bool), st.integers(0, 2**31 - 1))


@given(st.lists(REPLIES, min_size=1, max_size=2))
def test_an_answer_is_kept_within_bounds(replies: list[Reply]) -> None:
    """Addresses live as they say from a minute to an hour, a denial to 15 minutes, a failure a second."""
    said = together(replies)
    if said.addresses:
        assert MIN_TTL_S <= said.lives_s <= MAX_TTL_S
        assert set(said.addresses) <= {a for reply in replies for a in reply.addresses}
    elif said.missing:
        assert MIN_DENIED_S <= said.lives_s <= MAX_DENIED_S
        assert all(reply.says_no for reply in replies)
    else:
        assert said.failed
        assert said.why
        assert 1.0 <= said.lives_s == FAILED_S <= 300.0
