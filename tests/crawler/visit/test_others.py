"""What other groups leave to us: nobody asks before the others know, and windows never meet."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from crawler.neighbours import (
    Neighbours,
    Notice,
    Share,
    address_window,
    host_window,
    notice_name,
    notice_shard,
    read_notice,
)
from crawler.options import load_policy
from crawler.visit.host_state import HostState
from crawler.visit.others import Others

POLICY = load_policy()


class Group:
    """A worker alone, with notices that go about by hand."""

    def __init__(self, name: str, shard: int) -> None:
        self.others = Others(
            Notice(owner=name, group=name, shard=shard, ttl_s=30.0),
            now=lambda: 0.0,
            wall=lambda: self.wall_s,
        )
        self.wall_s = 0.0
        self.state = HostState("target.test", "target.test", POLICY.pace)

    def exchange(self, *groups: "Group") -> None:
        """Read the notices of others, and write its own."""
        self.others.take([group.others.known.own for group in groups])
        self.others.written(self.others.notice())

    def has_joined(self) -> bool:
        """Tell whether it has read of others, and all of them of it."""
        return bool(self.others.known.others) and self.others.known.has_joined()

    def opens_at(self, wall_s: float) -> bool:
        """Tell whether it may ask the host at a moment of the wall's clock."""
        self.wall_s = wall_s
        return self.others.wait_s(self.state, POLICY) == 0.0


def test_who_is_alone_waits_for_nobody() -> None:
    """A worker without neighbours asks hosts of any shard, at any time."""
    alone = Group("a", 0)
    assert alone.opens_at(0.0)
    assert alone.others.address_wait_s(alone.state, POLICY) == 0.0
    assert alone.others.groups == 1


def test_nobody_joins_before_the_others_know() -> None:
    """Two that begin at once see each other before either has joined."""
    one, two = Group("a", 0), Group("b", 1)
    one.exchange(two)
    assert not one.others.known.has_joined()
    two.exchange(one)
    assert two.others.known.has_joined()
    one.exchange(two)
    assert one.others.known.has_joined()
    assert one.others.groups == two.others.groups == 2


@given(st.lists(st.sampled_from("ab"), max_size=12), st.floats(0.0, 1e6))
def test_two_never_may_ask_a_host_at_once(order: "list[str]", wall_s: float) -> None:
    """In whichever order they exchange notices, two groups are never both let in to one host."""
    groups = {"a": Group("a", 0), "b": Group("b", 1)}
    owner = groups["a"]
    owner.others.visits(owner.state)
    for name in ("a", "b", *order):
        groups[name].exchange(groups["b" if name == "a" else "a"])
        wall_s += 0.37
        joined = [one for one in groups.values() if one.has_joined()]
        let_in = [one for one in joined if one.opens_at(wall_s)]
        if groups["b"] in let_in:
            assert len(let_in) == 1


def test_the_owner_is_told_before_others_come() -> None:
    """A worker that asked its own host just now says so, whoever asks there next divides."""
    owner, other = Group("a", 0), Group("b", 1)
    owner.others.visits(owner.state)
    for _ in range(2):
        owner.exchange(other)
        other.exchange(owner)
    assert owner.opens_at(0.0)
    owner.others.left(owner.state)
    assert not other.opens_at(0.0)
    other.exchange(owner)
    owner.exchange(other)
    other.exchange(owner)
    owner.exchange(other)
    other.exchange(owner)
    opened = {
        one: [wall / 50 for wall in range(500) if one.opens_at(wall / 50)] for one in (owner, other)
    }
    assert all(opened.values())
    assert not set(opened[owner]) & set(opened[other])
    assert owner.state.parts == other.state.parts == 2


@given(
    groups=st.integers(2, 40),
    delay_s=st.floats(0.05, 30.0),
    address_delay_s=st.sampled_from([0.0, 0.05, 0.1]),
    moments=st.tuples(st.floats(0, 1e5), st.floats(0, 1e5)),
)
def test_windows_are_a_delay_apart(
    groups: int, delay_s: float, address_delay_s: float, moments: tuple[float, float]
) -> None:
    """Whatever moments two groups choose in their windows, a delay and a half lies between them."""
    of_host = [host_window(Share(groups, one), groups, delay_s, address_delay_s) for one in (0, 1)]
    of_address = [address_window(Share(groups, one), delay_s) for one in (0, 1)]
    for windows in (of_host, of_address):
        first, second = (
            moment + window.opens_in(moment)
            for window, moment in zip(windows, moments, strict=True)
        )
        assert abs(first - second) >= 1.5 * delay_s - 1e-6


@given(st.binary(max_size=50))
def test_any_bytes_are_a_notice(content: bytes) -> None:
    """What no worker wrote is a group that reads nothing, until it was silent for long."""
    name = "shard=00003-ab12.json"
    assert read_notice(name, content).read == {}
    assert notice_shard(name) == 3
    assert notice_name(3, "ab12").endswith("/" + name)


def test_a_notice_comes_back_as_it_was_written() -> None:
    """What is read is what was written, whatever a later version has added."""
    notice = replace(
        Notice(owner="a", group="b", shard=3, ttl_s=5.0), read={"c": 4}, asks={"d": "e"}
    )
    content = notice.content().replace(b"{", b'{"later": 1, ', 1)
    assert read_notice("shard=00003-a.json", content) == notice
    assert Neighbours(notice).is_alone
