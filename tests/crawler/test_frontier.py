"""The frontier: every link comes up until it is done, and few of them are held."""

import heapq
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import crawler.frontier
from crawler.agenda import HostEntry
from crawler.frontier import Frontier
from crawler.options import load_policy
from crawler.places import LEAST_LENT_S, SCOUT_S
from crawler.records import ParsedUrl, ShardLink, Visit

VISIT_LINKS = 5
POLICY = replace(load_policy(), visit_links=VISIT_LINKS)
# A domain has one place: no two of its requests would leave within a visit.
ONE_AT_A_TIME = replace(POLICY, pace=replace(POLICY.pace, domain_delay_s=POLICY.visit_s + 1))


@dataclass
class Rows:
    """An agenda in memory, which notes how often a link was read."""

    counts: list[int]
    reads: int = 0
    domains: int = 1_000_000  # hosts are of these, in turn
    shards: int = 1  # over as many and fewer, in turn, the domains are split

    def hosts(self) -> Iterator[HostEntry]:
        starts = itertools.accumulate([0, *self.counts])
        for number, (start, count) in enumerate(zip(starts, self.counts, strict=False)):
            at = number % self.domains
            yield HostEntry(f"{number}.test", f"{at}.test", 1 + at % self.shards, start, count)

    def links(self, start: int, count: int) -> list[ShardLink]:
        self.reads += count
        return [
            ShardLink(at, ParsedUrl(f"http://x/{at}", "http", "x", 80))
            for at in range(start, start + count)
        ]


class CrowdedRows(Rows):
    """Many hosts of one domain, and behind them those of domains that are split."""

    def hosts(self) -> Iterator[HostEntry]:
        for entry in super().hosts():
            is_split = int(entry.host.split(".")[0]) >= len(self.counts) // 2
            domain = entry.registered_domain if is_split else "d.test"
            yield replace(entry, registered_domain=domain, domain_shards=1 + is_split)


def walked(visit: Visit, until: int, puts_off: set[int], now: float) -> tuple[set[int], Visit]:
    """Walk the first `until` links of a visit, and put some of them off, once each."""
    links = visit.links[:until]
    off = [link for link in links if link.link_id in puts_off and link.attempts == 0]
    done = {link.link_id for link in links} - {link.link_id for link in off}
    later = tuple(replace(link, attempts=1) for link in off)
    return done, replace(visit, links=visit.links[until:] + later, not_before=now)


def all_walked(rows: Rows, places: int, ends: Iterator[int], puts_off: set[int]) -> list[int]:
    """Walk all links of an agenda, and hold that no domain has two places while others may want one."""
    policy = replace(ONE_AT_A_TIME, hosts_at_a_time=places)
    frontier = Frontier(rows, policy, itertools.count(1))  # type: ignore[arg-type]
    done: list[int] = []
    walking: list[Visit] = []
    while not frontier.is_empty:
        while len(walking) < places and (visit := frontier.next_visit(0.0)) is not None:
            assert len({link.link_id for link in visit.links}) == len(visit.links) <= VISIT_LINKS
            walking.append(visit)
        of_domains = Counter(visit.registered_domain for visit in walking)
        all_have_places = frontier._next is None and frontier._kept <= places
        assert all_have_places or max(of_domains.values()) == 1
        some, left = walked(walking.pop(0), next(ends), puts_off, 0.0)
        done += some
        frontier.put_back(left, 0.0)
    return done


@given(
    counts=st.lists(st.integers(1, 23), max_size=6)
    | st.lists(st.integers(1, 8), min_size=8, max_size=40),
    untils=st.lists(st.integers(0, VISIT_LINKS), min_size=1, max_size=20),
    puts_off=st.sets(st.integers(0, 100)),
    domains=st.integers(1, 7),
    shards=st.integers(1, 3),
    places=st.integers(1, 5),
    most=st.sampled_from([(1_000, 10_000), (3, 6), (1_000, 6)]),
)
def test_every_link_is_walked_once(
    counts: list[int],
    untils: list[int],
    puts_off: set[int],
    domains: int,
    shards: int,
    places: int,
    most: tuple[int, int],
) -> None:
    """However visits end, each link of each host is walked exactly once, and the frontier empties.

    No domain has more places than it may.
    """
    counts = sorted(counts, reverse=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crawler.frontier, "_MOST_BEGUN", most[0])
        patch.setattr(crawler.frontier, "_MOST_KEPT", most[1])
        rows = Rows(counts, domains=domains, shards=shards)
        done = all_walked(rows, places, itertools.cycle([*untils, VISIT_LINKS]), puts_off)
    assert sorted(done) == list(range(sum(counts)))


@pytest.mark.parametrize("places", [1, 2, 4])
def test_slower_hosts_behind_a_crowded_domain_hold_nobody_up(
    places: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no other may be begun, those that were are gone on with, though the next would take longer."""
    monkeypatch.setattr(crawler.frontier, "_MOST_KEPT", 12)
    rows = CrowdedRows([2] * 40)
    done = all_walked(rows, places, itertools.repeat(1), set())
    assert sorted(done) == list(range(80))


def test_links_that_were_not_reached_are_not_held() -> None:
    """Of a hundred hosts whose visits were cut short, the frontier holds no link, only their places."""
    rows = Rows([20] * 100)
    policy = replace(POLICY, visit_s=60.0)  # or hosts would be asked for their delay first
    frontier = Frontier(rows, policy, itertools.count(1))  # type: ignore[arg-type]
    for _ in range(100):
        visit = frontier.next_visit(0.0)
        assert visit is not None
        frontier.put_back(replace(visit, links=visit.links[2:]), 0.0)
    assert rows.reads == 500
    held = [work for _, _, work in frontier._ready]
    assert len(held) == 100
    assert all(work.put_back == work.given == () and work.left == 18 for work in held)


@given(
    counts=st.lists(st.integers(1, 23), max_size=8),
    places=st.integers(1, 4),
    links_s=st.lists(st.sampled_from([0.1, 1.0, 4.0]), min_size=1, max_size=4),
)
def test_no_place_is_kept_from_those_who_are_ready(
    counts: list[int], places: int, links_s: list[float]
) -> None:
    """A place is idle no longer than it is not worth lending; and all that was planned is walked."""
    policy = replace(POLICY, hosts_at_a_time=places)
    rows = Rows(sorted(counts, reverse=True))
    frontier = Frontier(rows, policy, itertools.count(1))  # type: ignore[arg-type]
    now, done, walking = 0.0, 0, list[tuple[float, int, Visit, int]]()
    while not frontier.is_empty:
        while len(walking) < places and (visit := frontier.next_visit(now)):
            link_s = links_s[int(visit.host.split(".")[0]) % len(links_s)]
            most = 1 + int(min(policy.visit_s, visit.lasts_s) // link_s)
            walked = min(most, len(visit.links))
            left = replace(visit, links=visit.links[walked:], not_before=now + walked * link_s)
            heapq.heappush(walking, (now + (walked - 1) * link_s, visit.visit_id, left, walked))
        if len(walking) < places and frontier._ready:
            assert frontier.wakes_at is not None
            assert now < frontier.wakes_at < now + LEAST_LENT_S
        ends = walking[0][0] if walking else float("inf")
        wakes = frontier.wakes_at if len(walking) < places else None
        now = max(now, min(ends, float("inf") if wakes is None else wakes))
        while walking and walking[0][0] <= now:
            _, _, left, walked = heapq.heappop(walking)
            done += walked
            frontier.put_back(left, now)
    assert done == sum(counts)


def test_few_hosts_are_begun_though_all_of_them_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """While as many wait as are kept at most, nobody else is begun; what is known of each is kept."""
    monkeypatch.setattr(crawler.frontier, "_MOST_KEPT", 5)
    frontier = Frontier(Rows([3] * 8), POLICY, itertools.count(1))  # type: ignore[arg-type]
    for number in range(5):
        visit = frontier.next_visit(0.0)
        assert visit is not None
        frontier.put_back(replace(visit, not_before=10.0 + number, known=visit.host), 0.0)
    assert frontier.next_visit(9.0) is None
    assert frontier.wakes_at == 10.0
    assert [work.known for *_, work in frontier._waiting] == [f"{n}.test" for n in range(5)]
    again = frontier.next_visit(10.0)
    assert again is not None
    frontier.put_back(replace(again, links=()), 10.0)
    begun = frontier.next_visit(10.0)
    assert begun is not None
    assert (again.host, begun.host) == ("0.test", "5.test")


def test_a_domain_of_many_hosts_leaves_places_to_others() -> None:
    """Its hosts, which stand in one line, have a quarter of the places; the next comes when one is done."""
    policy = replace(ONE_AT_A_TIME, hosts_at_a_time=8)
    frontier = Frontier(Rows([3] * 12, domains=1), policy, itertools.count(1))  # type: ignore[arg-type]
    visits = [frontier.next_visit(0.0), frontier.next_visit(0.0)]
    assert frontier.next_visit(0.0) is None
    first, second = visits
    assert first is not None
    assert second is not None
    assert [first.host, second.host] == ["0.test", "1.test"]
    frontier.put_back(replace(first, links=()), 0.0)
    third = frontier.next_visit(0.0)
    assert third is not None
    assert third.host == "2.test"
    assert frontier.next_visit(0.0) is None


def test_nobody_is_put_aside_where_all_have_a_place() -> None:
    """Hosts of one domain are visited at once where there are as many places as hosts."""
    for places, at_once in ((3, 3), (2, 1)):
        policy = replace(ONE_AT_A_TIME, hosts_at_a_time=places)
        frontier = Frontier(Rows([3] * 3, domains=1), policy, itertools.count(1))  # type: ignore[arg-type]
        visits = itertools.takewhile(bool, (frontier.next_visit(0.0) for _ in range(places)))
        assert len(list(visits)) == at_once


def test_who_may_take_longest_is_asked_for_its_delay_first() -> None:
    """Every host that may hold the crawl up is begun before any gets a second visit."""
    policy = replace(POLICY, hosts_at_a_time=2)
    frontier = Frontier(Rows([40, 40, 30]), policy, itertools.count(1))  # type: ignore[arg-type]
    scouts = []
    for now in (0.0, 0.4, 0.8):
        scouts.append(visit := frontier.next_visit(now))
        assert visit is not None
        frontier.put_back(replace(visit, not_before=now + 10.0), now + 0.2)
    assert [(visit.host, len(visit.links)) for visit in scouts if visit] == [
        ("0.test", 1),
        ("1.test", 1),
        ("2.test", 1),
    ]
    assert all(visit.lasts_s <= SCOUT_S for visit in scouts if visit)
    first = frontier.next_visit(11.0)
    assert first is not None
    assert (first.host, len(first.links)) == ("0.test", VISIT_LINKS)


@given(counts=st.lists(st.integers(1, 40), min_size=2, max_size=8))
def test_a_long_delay_is_known_as_soon_as_it_was_told(counts: list[int]) -> None:
    """A host that asked for ten seconds when it was scouted is next where it takes longest by that."""
    policy = replace(POLICY, hosts_at_a_time=1)
    frontier = Frontier(Rows(sorted(counts, reverse=True)), policy, itertools.count(1))  # type: ignore[arg-type]
    slow, now, takes_s = f"{len(counts) - 1}.test", 0.0, dict[str, float]()
    while (visit := frontier.next_visit(now)) and visit.lasts_s <= SCOUT_S:
        delay_s = 10.0 if visit.host == slow else 1.0
        takes_s[visit.host] = delay_s * sorted(counts, reverse=True)[int(visit.host.split(".")[0])]
        frontier.put_back(replace(visit, not_before=now + delay_s), now)
        now += 60.0
    if len(takes_s) == len(counts):
        assert visit is not None
        assert takes_s[visit.host] == max(takes_s.values())
