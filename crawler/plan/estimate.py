"""What a crawl of a run will ask, fetch and take, at a given pace.

Room: pure rules. An estimate from below: it knows no slow answer, no retry, no redirect.
"""

from dataclasses import dataclass

from crawler.rundir import PlanTotals

# The mean body of 7,471 links of CC3M's validation list that answered 200 in January 2019
# (igorbrigadir/DownloadConceptualCaptions). Half of them were below 75 kB.
MEAN_BODY_BYTES = 154_000
MIN_DELAY_S = 1.0
DOMAIN_DELAY_S = 0.25


@dataclass(frozen=True, slots=True)
class Slowest:
    """The host or registered domain that takes longest to ask: what for, and for how long."""

    name: str
    requests: int
    delay_s: float

    @property
    def seconds(self) -> float:
        """The time between its first request and its last."""
        return max(0, self.requests - 1) * self.delay_s


@dataclass(frozen=True, slots=True)
class Estimate:
    """Requests are links and a robots.txt for each origin; `bytes` assumes a mean body."""

    links: int
    hosts: int
    requests: int
    bytes: int
    slowest: Slowest | None


def estimate(
    totals: PlanTotals,
    largest_host: tuple[int, str] | None,
    largest_domain: tuple[int, str] | None,
    *,
    min_delay_s: float = MIN_DELAY_S,
    domain_delay_s: float = DOMAIN_DELAY_S,
) -> Estimate:
    """Return what the crawl of a run comes to.

    `largest_host` and `largest_domain` are requests and name of those that are asked most.
    """
    to_ask = totals.links - totals.invalid_links
    slowest = [
        Slowest(name, requests, delay_s)
        for (requests, name), delay_s in (
            (largest_host or (0, ""), min_delay_s),
            (largest_domain or (0, ""), domain_delay_s),
        )
        if name
    ]
    return Estimate(
        links=to_ask,
        hosts=totals.hosts,
        requests=to_ask + totals.origins,
        bytes=to_ask * MEAN_BODY_BYTES,
        slowest=max(slowest, key=lambda one: one.seconds, default=None),
    )
