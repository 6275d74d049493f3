"""The auditor of logs: that it finds every kind of rudeness, and none where there is none."""

from dataclasses import replace

import pytest

from tests.politeness_log import Promise, Seen, rude

PROMISE = Promise(
    host_delay_s=1.0,
    domain_delay_s=0.5,
    address_delay_s=0.2,
    first_slowdown_s=2.0,
    slowdown_factor=2.0,
    max_delay_s=60.0,
    crawl_delay_s={"slow.test": 5.0},
)


def seen(at: float, host: str = "a.test", target: str = "/x", **more: object) -> Seen:
    """Return a request to a host that has its own domain and address, if nothing else is said."""
    request = Seen(at=at, host=host, domain=host, address=host, target=target)
    return replace(request, **more)  # type: ignore[arg-type]


def robots(at: float, host: str = "a.test", **more: object) -> Seen:
    """Return a request for a robots.txt."""
    return seen(at, host, "/robots.txt", **more)


POLITE = {
    "a host at its pace": [robots(0.0), seen(1.0), seen(2.5), seen(3.5)],
    "a slow answer": [robots(0.0, answered_s=4.0), seen(5.0)],
    "two hosts": [robots(0.0), robots(0.0, "b.test"), seen(1.0), seen(1.0, "b.test")],
    "a pause": [robots(0.0), seen(1.0, status=503, pause_s=9.0), seen(10.0)],
    "refusals": [robots(0.0), seen(1.0, status=429), seen(3.0, status=429), seen(7.0)],
    "a Crawl-delay": [robots(0.0, "slow.test"), seen(5.0, "slow.test"), seen(10.0, "slow.test")],
}
RUDE = {
    "no robots.txt": [seen(0.0)],
    "two at once": [robots(0.0), seen(1.0), seen(1.5)],
    "not a delay after the answer": [robots(0.0, answered_s=4.0), seen(4.5)],
    "within a Retry-After": [robots(0.0), seen(1.0, status=503, pause_s=9.0), seen(9.9)],
    "within a Retry-After of two before": [
        robots(0.0, pause_s=20.0, status=302),
        seen(25.0, pause_s=20.0, status=302),
        seen(44.0),
    ],
    "not slowed by a 429": [robots(0.0), seen(1.0, status=429), seen(2.5)],
    "not slowed twice": [robots(0.0), seen(1.0, status=429), seen(3.0, status=429), seen(6.0)],
    "faster than its Crawl-delay": [robots(0.0, "slow.test"), seen(4.0, "slow.test")],
    "a domain too often": [
        robots(0.0, domain="d.test"),
        robots(0.4, "b.test", domain="d.test"),
    ],
    "an address too often": [
        robots(0.0, address="192.0.2.1"),
        robots(0.1, "b.test", address="192.0.2.1"),
    ],
}


@pytest.mark.parametrize("name", POLITE)
def test_a_polite_log_is_not_blamed(name: str) -> None:
    """What keeps the promise is not rude."""
    assert rude(POLITE[name], PROMISE) == []


@pytest.mark.parametrize("name", RUDE)
def test_a_rude_log_is_found_out(name: str) -> None:
    """Each way to be rude is found, and exactly the request that was."""
    found = rude(RUDE[name], PROMISE)
    assert [one.request for one in found] == RUDE[name][-1:], found


def test_shards_have_a_share_each() -> None:
    """A domain that is split over two shards is owed twice the delay by each."""
    promise = replace(PROMISE, shards={"a.test": 2})
    assert rude([robots(0.0), seen(2.0)], promise) == []
    assert len(rude([robots(0.0), seen(1.9)], promise)) == 1


def test_jitter_does_not_add_up() -> None:
    """Requests may arrive a little too close together now and then, but no faster in the long run."""
    promise = replace(PROMISE, address_delay_s=1.0, jitter_s=0.3, host_delay_s=0.0)
    jittered = [robots(n + 0.25 * (n % 2), f"{n}.test", address="192.0.2.1") for n in range(20)]
    faster = [robots(0.95 * n, f"{n}.test", address="192.0.2.1") for n in range(20)]
    assert rude(jittered, promise) == []
    assert rude(faster, promise)
