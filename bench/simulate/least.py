"""`python -m bench.simulate.least`: how many times the least time a crawl takes, simulated with its own code.

One worker, by how its hosts' links are spread and how many hosts it visits at a time.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from crawler.options import load_policy, with_delay
from crawler.simulation.crawls import simulated
from crawler.simulation.forecast import Forecast
from crawler.simulation.host import Fate, HostPlan
from crawler.simulation.mix import load_world
from crawler.simulation.scenario import Scenario, changed
from crawler.simulation.synthetic import ListOptions

PLACES = (1, 4, 16, 64, 256)
CRAWL_DELAY = "a Crawl-delay of 10 s, and larger hosts"
MANY_LARGER = "a Crawl-delay of 30 s, and many larger hosts"
FAR_LARGER = "a Crawl-delay of 10 s, and far larger hosts"
FIVE_LINKS = "a Crawl-delay of 30 s, of a host of five links"
ONE_DOMAIN = "one large, and a domain of ten times as many small"
MIXED = "Zipf, 0.05 to 1 s to the first byte"

SHAPES: Mapping[str, Callable[[int], Sequence[int]]] = {
    "one large, twice as many small": lambda places: [150, *[20] * (2 * places)],
    "one large, twenty times as many small": lambda places: [130, *[6] * (20 * places)],
    "half as many large, four times as many small": lambda places: [
        *[150] * max(1, places // 2),
        *[15] * (4 * places),
    ],
    "as many large, as many small": lambda places: [*[300] * places, *[45] * places],
    "Zipf": lambda places: [max(1, 300 // rank) for rank in range(1, 6 * places + 1)],
    "Zipf, flatter": lambda places: [int(200 / rank**0.5) for rank in range(1, 6 * places + 1)],
    MIXED: lambda places: [max(1, 200 // rank) for rank in range(1, 6 * places + 1)],
    "equal, a quarter more": lambda places: [200] * (places + max(1, places // 4)),
    "equal, twice as many": lambda places: [100] * (2 * places),
    "equal, twenty times as many": lambda places: [6] * (20 * places),
    CRAWL_DELAY: lambda places: [30, *[40] * (2 * places)],
    FAR_LARGER: lambda places: [30, *[150] * (2 * places)],
    MANY_LARGER: lambda places: [10, *[20] * (15 * places)],
    FIVE_LINKS: lambda places: [5, *[6] * (40 * places)],
    ONE_DOMAIN: lambda places: [12 * places, *[2] * (10 * places)],
}
# Of the first host of a shape, in s.
CRAWL_DELAYS_S: Mapping[str, float] = {
    CRAWL_DELAY: 10.0,
    FAR_LARGER: 10.0,
    MANY_LARGER: 30.0,
    FIVE_LINKS: 30.0,
}

_FATE = Fate(ttfb_s=0.1, connect_s=0.05)
_TTFBS_S = (0.1, 0.05, 1.0, 0.3, 0.6)


def walked(shape: str, places: int) -> Forecast:
    """Simulate one worker with so many places on the hosts of a shape."""
    mix, costs, _ = load_world()
    base = Scenario(
        name=shape, policy=load_policy(), mix=mix, costs=costs, options=ListOptions(links=1000)
    )
    hosts = [_host(shape, n, size) for n, size in enumerate(SHAPES[shape](places))]
    fates = {host.host: _FATE for host in hosts}
    if shape == MIXED:
        fates = {
            host.host: replace(_FATE, ttfb_s=_TTFBS_S[n % len(_TTFBS_S)])
            for n, host in enumerate(hosts)
        }
    elif shape in CRAWL_DELAYS_S:
        fates[hosts[0].host] = replace(_FATE, crawl_delay_s=CRAWL_DELAYS_S[shape])
    scenario = changed(base, f"hosts-at-a-time={places}", with_delay)
    return simulated({0: hosts}, fates, scenario, 1, 0)


def _host(shape: str, number: int, size: int) -> HostPlan:
    """Return a host of a domain of its own, or of the one that all but the first have in common."""
    domain = "d.test" if shape == ONE_DOMAIN and number else f"d{number}.test"
    return HostPlan(f"h{number}.{domain}", domain, 1, size)


def main(places: Sequence[int]) -> None:
    """Print the table for so many places."""
    columns = "".join(f" {count} |" for count in places)
    print(f"| hosts, by how many are visited at a time |{columns}\n|---|{'---:|' * len(places)}")
    for shape in SHAPES:
        print(f"| {shape} |", end="", flush=True)
        for count in places:
            one = walked(shape, count)
            print(f" {one.ratio:.3f} ({one.bound[1]:,.0f} s) |", end="", flush=True)
        print()


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]] or PLACES)
