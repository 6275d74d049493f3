"""One real crawl of the fake internet, and the forecast of the same run with what the crawl has seen.

The time is taken from the servers' log, from the first request to the last, so that neither the start of
the command nor its publishing is in it. Each worker has one shard, so no worker starts in between.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.simulate.shapes import Shape
from tests.internet import FakeInternet


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A shape, and the seconds that its crawl took and was forecast to take."""

    shape: Shape
    links: int
    measured_s: float
    forecast_s: float
    computed_s: float
    least_s: float

    @property
    def off(self) -> float:
        """By which share the forecast is too long."""
        return self.forecast_s / self.measured_s - 1


def calibrate(shape: Shape, folder: Path) -> Calibrated:
    """Crawl a shape and forecast it."""
    urls = shape.urls()
    run = _plan(folder, urls, shape.workers)
    with FakeInternet(shape.hosts()) as internet:
        _crawl(run, internet, shape.workers, shape.policy())
        times = [one.monotonic_s for one in internet.log()]
    world = folder / "world.toml"
    world.write_text("shard_start_s = 0.0\n", encoding="utf-8")
    options = ("--workers", str(shape.workers), "--policy", str(run / "policy.toml"))
    found = _forecast(run, world, options)
    computed = _forecast(run, world, (*options, "--simulate-up-to", "0"))
    return Calibrated(
        shape,
        len(urls),
        max(times) - min(times),
        float(found["makespan_s"]),
        float(computed["makespan_s"]),
        float(found["least_s"]),
    )


def _forecast(run: Path, world: Path, options: Sequence[str]) -> dict[str, float]:
    text = _stillup("simulate", str(run), "--world", str(world), "--format", "json", *options)
    found: dict[str, float] = json.loads(text)[0]
    return found


def _plan(folder: Path, urls: Sequence[str], shards: int) -> Path:
    listing, run = folder / "links.txt", folder / "run"
    listing.write_text("\n".join(urls) + "\n", encoding="utf-8")
    _stillup("plan", str(run), str(listing), "--shards", str(shards))
    return run


def _crawl(run: Path, internet: FakeInternet, workers: int, policy: str) -> None:
    file = run / "policy.toml"
    file.write_text(policy, encoding="utf-8")
    options = ("--policy", str(file), "--workers", str(workers), "--no-fingerprint")
    _stillup("crawl", str(run), *options, "--contact", "https://example.org/", *internet.flags())


def _stillup(*arguments: str) -> str:
    command = [sys.executable, "-m", "stillup", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(ran.stderr)
    return ran.stdout
