"""What a robots.txt answer allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.robots import ROBOTS_BYTES, Robots, RobotsAnswer, parse_robots, robots_of_status

URL = "https://example.org/private/picture.jpg"


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, RobotsAnswer.PARSED),
        (206, RobotsAnswer.PARSED),
        (301, RobotsAnswer.MISSING),
        (401, RobotsAnswer.MISSING),
        (403, RobotsAnswer.MISSING),
        (404, RobotsAnswer.MISSING),
        (429, RobotsAnswer.UNREACHABLE),
        (500, RobotsAnswer.UNREACHABLE),
        (503, RobotsAnswer.UNREACHABLE),
        (999, RobotsAnswer.UNREACHABLE),
    ],
)
def test_status(status: int, answer: RobotsAnswer) -> None:
    """RFC 9309, 2.3.1: 4xx allows, 5xx forbids; a redirect that led nowhere allows."""
    assert robots_of_status(status) is answer


def test_what_is_allowed_without_rules() -> None:
    """Missing allows everything, unreachable nothing."""
    assert Robots(RobotsAnswer.MISSING).allows(URL)
    assert not Robots(RobotsAnswer.UNREACHABLE).allows(URL)


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        (b"User-agent: *\nDisallow: /", False),
        (b"User-agent: stillup\nDisallow:\n\nUser-agent: *\nDisallow: /", True),
        (b"User-agent: StillUp\nDisallow: /private", False),
        (b"User-agent: *\nDisallow: /private\nAllow: /private/picture.jpg", True),
        (b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /\r\n", False),
        (b"User-agent: other\nDisallow: /", True),
        (b"<html><body>Disallow: /</body></html>", True),
        (b"User-agent: *\nDisallow: /\xff\xfe\n", True),
        (b"", True),
    ],
)
def test_rules(body: bytes, allowed: bool) -> None:
    """The group for our product token holds, else the one for everybody."""
    assert parse_robots(body).allows(URL) is allowed


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_hosts_that_say_the_same_share_their_rules(one: bytes, other: bytes) -> None:
    """The rules of a file are one object for all hosts, and of no other file."""
    first, again = parse_robots(b"Allow: /\n" + one), parse_robots(b"Allow: /\n" + one)
    assert first.rules is again.rules
    assert parse_robots(b"User-agent: *\nDisallow: /\n" + other).rules is not first.rules


def test_the_slower_of_crawl_delay_and_request_rate_holds() -> None:
    """Crawl-delay and Request-rate are both ways to ask for a pace."""
    robots = parse_robots(b"User-agent: *\nCrawl-delay: 2.5\nRequest-rate: 1/10s\n")
    assert robots.crawl_delay_s == 10.0
    assert parse_robots(b"User-agent: *\nCrawl-delay: 2.5").crawl_delay_s == 2.5
    assert parse_robots(b"User-agent: *\nDisallow: /x").crawl_delay_s is None


@given(st.binary(max_size=2000))
def test_no_bytes_raise(body: bytes) -> None:
    """Whatever a host sends as its robots.txt, it is read without an exception."""
    robots = parse_robots(body)
    assert robots.allows(URL) in (True, False)
    assert robots.crawl_delay_s is None or robots.crawl_delay_s >= 0


def test_a_rule_at_500_kib_still_holds() -> None:
    """At least 500 KiB are read (RFC 9309, 2.5), and no more than our limit."""
    padding = b"# padding\n" * (500 * 1024 // 10)
    assert not parse_robots(b"User-agent: *\n" + padding + b"Disallow: /\n").allows(URL)
    assert parse_robots(b"#" * ROBOTS_BYTES + b"\nUser-agent: *\nDisallow: /\n").allows(URL)
