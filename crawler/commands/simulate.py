"""`stillup simulate`: how long a crawl would take, how much it would ask for, and what bounds it.

Room: command line.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from crawler.options import policy_of, with_delay
from crawler.records.errors import WrongUse
from crawler.rundir import open_run
from crawler.simulation.crawls import capped, of_hosts, simulated
from crawler.simulation.forecast import Forecast, forecast
from crawler.simulation.mix import load_world
from crawler.simulation.planned import planned_hosts, seen_fates
from crawler.simulation.scenario import AS_IT_IS, OF_A_LIST, Scenario, changed, without_fingerprints
from crawler.simulation.summary import Prices, lines, record
from crawler.simulation.synthetic import ListOptions, made_up

LAION_5B = 5_850_000_000


@click.command(
    epilog="""
\b
Examples:
  stillup simulate runs/cc3m --workers 4
  stillup simulate --workers 10 --workers 100 --what-if delay=0.5 --what-if split=no
"""
)
@click.argument("run", required=False)
@click.option("--workers", type=click.IntRange(1), multiple=True, help="How many; repeatable.")
@click.option("--links", type=click.IntRange(1_000), help="Of a made-up list (5.85 billion).")
@click.option("--shards", type=click.IntRange(1), help="Of a made-up list (one for 250,000 links).")
@click.option("--seed", type=int, default=0, show_default=True, help="Of what is drawn.")
@click.option("--delay", type=float, metavar="S", help="As of a crawl.")
@click.option("--policy", type=click.Path(dir_okay=False), help="As of a crawl.")
@click.option(
    "--world",
    type=click.Path(dir_okay=False, exists=True),
    help="What hosts and workers are like; see data/simulation.toml.",
)
@click.option(
    "--what-if",
    multiple=True,
    metavar="KEY=VALUE,...",
    help="Also with this changed: delay, hosts-at-a-time, latency, connections, fingerprint, "
    "max-per-domain; of a made-up list also shards, split.",
)
@click.option("--no-fingerprint", is_flag=True, help="As of a crawl.")
@click.option(
    "--simulate-up-to",
    type=click.IntRange(0),
    default=20_000,
    show_default=True,
    metavar="N",
    help="Links of a run that are simulated; of more, the time is computed.",
)
@click.option("--cpu-hour", type=float, metavar="PRICE", help="Of a worker; gives the cost.")
@click.option("--gigabyte", type=float, metavar="PRICE", help="Of what is fetched; gives the cost.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)
def simulate(
    run: str | None,
    workers: tuple[int, ...],
    links: int | None,
    shards: int | None,
    what_if: tuple[str, ...],
    form: str,
    cpu_hour: float | None,
    gigabyte: float | None,
    **given: Any,
) -> None:
    """Forecast the crawl of RUN, or of a made-up list, in virtual time; nobody is asked anything.

    A run that was crawled before answers as it did then.
    """
    if run is not None and (links or shards):
        raise WrongUse("--links and --shards are of a made-up list: leave out RUN")
    options = ListOptions(links=links or LAION_5B, shards=shards)
    scenarios = list(_scenarios(options, what_if, given))
    if run is not None and (late := [one for one in what_if if _of_a_list(one)]):
        raise WrongUse(f"--what-if {late[0]}: a run is planned already; leave out RUN")
    counts = workers or ((1,) if run else (10, 100, 1000))
    found = _of_run(run, scenarios, counts, given) if run else _of_list(scenarios, counts)
    prices = Prices(cpu_hour=cpu_hour, gigabyte=gigabyte)
    if form == "json":
        click.echo(json.dumps([record(name, one, prices) for name, one in found], indent=2))
    else:
        click.echo("\n".join(lines(found, prices)))


def _of_a_list(what_if: str) -> bool:
    return any(pair.partition("=")[0] in OF_A_LIST for pair in what_if.split(","))


def _scenarios(
    options: ListOptions, what_if: tuple[str, ...], given: dict[str, Any]
) -> Iterator[Scenario]:
    """Yield the crawl as it is, and then with each change. Raises WrongUse."""
    mix, costs, _ = load_world(Path(given["world"]) if given["world"] else None)
    policy = policy_of({"STILLUP_POLICY": given["policy"], "STILLUP_DELAY": given["delay"]})
    base = Scenario(name=AS_IT_IS, policy=policy, mix=mix, costs=costs, options=options)
    base = without_fingerprints(base) if given["no_fingerprint"] else base
    yield base
    for text in what_if:
        try:
            yield changed(base, text, with_delay)
        except ValueError as error:
            raise WrongUse(f"--what-if {text}: {error}") from error


def _of_list(scenarios: list[Scenario], counts: tuple[int, ...]) -> list[tuple[str, Forecast]]:
    _, _, skew = load_world()
    found = []
    for scenario in scenarios:
        made = made_up(scenario.options, scenario.mix, skew, scenario.rules)
        found += [
            (scenario.name, forecast(made.shards, made.whole, scenario.rules, workers))
            for workers in counts
        ]
    return found


def _of_run(
    location: str, scenarios: list[Scenario], counts: tuple[int, ...], given: dict[str, Any]
) -> list[tuple[str, Forecast]]:
    run = open_run(location)
    shards, seen, found = planned_hosts(run), seen_fates(run), []
    for scenario in scenarios:
        most = scenario.options.max_per_domain
        hosts = shards if most is None else capped(shards, most)
        links = sum(host.links for one in hosts.values() for host in one)
        few = links <= given["simulate_up_to"] and scenario.connections == 1
        how = simulated if few else of_hosts
        found += [
            (scenario.name, how(hosts, seen, scenario, workers, given["seed"]))
            for workers in counts
        ]
    return found
