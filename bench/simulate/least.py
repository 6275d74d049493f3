"""How many times the least time a crawl takes, simulated with its own code, by its places."""

from crawler.options import load_policy, with_delay
from crawler.simulation.crawls import simulated
from crawler.simulation.forecast import Forecast
from crawler.simulation.host import Fate, HostPlan
from crawler.simulation.mix import load_world
from crawler.simulation.scenario import Scenario, changed
from crawler.simulation.synthetic import ListOptions

_FATE = Fate(ttfb_s=0.1, connect_s=0.05)


def walked(places: int, largest: int, others: int, of_each: int) -> Forecast:
    """Simulate one worker with so many places, on one large host and many small ones."""
    mix, costs, _ = load_world()
    base = Scenario(
        name="least", policy=load_policy(), mix=mix, costs=costs, options=ListOptions(links=1000)
    )
    scenario = changed(base, f"hosts-at-a-time={places}", with_delay)
    sizes = [largest, *[of_each] * others]
    hosts = [HostPlan(f"h{n}.d{n}.test", f"d{n}.test", 1, size) for n, size in enumerate(sizes)]
    return simulated({0: hosts}, dict.fromkeys((h.host for h in hosts), _FATE), scenario, 1, 0)


if __name__ == "__main__":
    for places in (4, 16, 64, 256):
        one = walked(places, 150, 2 * places, 20)
        print(f"| {places} | {one.makespan_s:,.0f} | {one.bound[1]:,.0f} | {one.ratio:.3f} |")
