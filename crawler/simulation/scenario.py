"""What is changed of a crawl to see what that would buy: `--what-if delay=0.5,split=no`.

Room: pure rules.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from crawler.politeness import Policy
from crawler.simulation.bounds import Rules
from crawler.simulation.host import Costs
from crawler.simulation.likely import Mix
from crawler.simulation.synthetic import ListOptions

AS_IT_IS = "as it is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One crawl to forecast. `options` are of a made-up list; a run has what it was planned with."""

    name: str
    policy: Policy
    mix: Mix
    costs: Costs
    options: ListOptions
    connections: int = 1

    @property
    def rules(self) -> Rules:
        """Return what the forecast goes by."""
        return Rules(self.policy, self.costs, self.mix.ttfb_sigma, self.connections)


def changed(base: Scenario, text: str, with_delay: Callable[[Policy, float], Policy]) -> Scenario:
    """Return a scenario with `key=value` pairs applied, commas between them. Raises ValueError."""
    scenario = replace(base, name=text)
    for pair in text.split(","):
        key, sign, value = pair.partition("=")
        if key == "delay" and sign:
            scenario = replace(scenario, policy=with_delay(scenario.policy, float(value)))
        elif sign and key in CHANGES:
            scenario = CHANGES[key](scenario, value)
        else:
            known = ", ".join(("delay", *CHANGES))
            raise ValueError(f"{pair!r} is none of {known}, each with = and a value")
    return scenario


def _at_a_time(scenario: Scenario, value: str) -> Scenario:
    return replace(scenario, policy=replace(scenario.policy, hosts_at_a_time=int(value)))


def _latency(scenario: Scenario, value: str) -> Scenario:
    return replace(scenario, mix=replace(scenario.mix, ttfb_s=float(value)))


def _connections(scenario: Scenario, value: str) -> Scenario:
    if int(value) < 1:
        raise ValueError("connections must be 1 or more")
    return replace(scenario, connections=int(value))


def _shards(scenario: Scenario, value: str) -> Scenario:
    if int(value) < 1:
        raise ValueError("shards must be 1 or more")
    return replace(scenario, options=replace(scenario.options, shards=int(value)))


def _max_per_domain(scenario: Scenario, value: str) -> Scenario:
    if int(value) < 1:
        raise ValueError("max-per-domain must be 1 or more")
    return replace(scenario, options=replace(scenario.options, max_per_domain=int(value)))


def _split(scenario: Scenario, value: str) -> Scenario:
    return replace(scenario, options=replace(scenario.options, split=_yes(value)))


def _fingerprint(scenario: Scenario, value: str) -> Scenario:
    return scenario if _yes(value) else without_fingerprints(scenario)


def without_fingerprints(scenario: Scenario) -> Scenario:
    """Return a scenario that spends nothing on pictures."""
    return replace(scenario, costs=replace(scenario.costs, picture_cpu_s=0.0))


def _yes(value: str) -> bool:
    if value not in ("yes", "no"):
        raise ValueError(f"say yes or no, not {value!r}")
    return value == "yes"


CHANGES: Mapping[str, Callable[[Scenario, str], Scenario]] = {
    "hosts-at-a-time": _at_a_time,
    "latency": _latency,
    "connections": _connections,
    "fingerprint": _fingerprint,
    "shards": _shards,
    "max-per-domain": _max_per_domain,
    "split": _split,
}
OF_A_LIST = {"shards", "split"}  # what a run was planned with cannot be changed
