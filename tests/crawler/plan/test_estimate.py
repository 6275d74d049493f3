"""The estimate names what politeness alone takes."""

from crawler.plan.estimate import MEAN_BODY_BYTES, Slowest, estimate
from crawler.rundir import PlanTotals

TOTALS = PlanTotals(
    files=1, dataset_rows=120, dataset_links=110, rows=110, links=110, invalid_links=10, hosts=5,
    origins=6, registered_domains=3,
)  # fmt: skip


def test_requests_and_bytes() -> None:
    """Every usable link is asked once, and every origin for its robots.txt."""
    found = estimate(TOTALS, (61, "a.example"), (70, "example"))
    assert (found.links, found.requests, found.hosts) == (100, 106, 5)
    assert found.bytes == 100 * MEAN_BODY_BYTES


def test_the_slowest_host_sets_the_time() -> None:
    """A host waits for the delay between its requests; its domain's cap may take longer."""
    assert estimate(TOTALS, (61, "a.example"), (70, "example")).slowest == Slowest(
        "a.example", 61, 1.0
    )
    found = estimate(TOTALS, (61, "a.example"), (1000, "example")).slowest
    assert found == Slowest("example", 1000, 0.25)
    assert found.seconds == 999 * 0.25


def test_nothing_to_ask() -> None:
    """A list without a usable link has no slowest host."""
    assert estimate(TOTALS, None, None).slowest is None
