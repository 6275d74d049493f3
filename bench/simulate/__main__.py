"""`python -m bench.simulate`: crawl the fake internet, and say how far off its forecasts were.

Run from the repository's root, in the environment of `make`: `.venv/bin/python -m bench.simulate`.
"""

import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import click

from bench.crawl.page import cpu_model, write
from bench.simulate.calibrate import Calibrated, calibrate
from bench.simulate.shapes import SHAPES

PAGE = Path("docs/scale.md")
MOST_OFF = 0.10


@click.command()
@click.option("--check", is_flag=True, help="Exit 1 when a forecast is off by more than 10 %.")
@click.option("--write", "refresh", is_flag=True, help=f"Refresh the table in {PAGE}.")
def main(check: bool, refresh: bool) -> None:
    """Measure crawls of the fake internet against their forecasts.

    \b
    Example: .venv/bin/python -m bench.simulate --check
    """  # noqa: D301 - \b is click's
    found = []
    for shape in SHAPES:
        with tempfile.TemporaryDirectory() as folder:
            found.append(calibrate(shape, Path(folder)))
    text = _table(found)
    click.echo(text)
    if refresh:
        write(text, "bench/simulate", PAGE)
    if check and any(abs(one.off) > MOST_OFF for one in found):
        sys.exit(1)


def _table(found: list[Calibrated]) -> str:
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}, {cpu_model()}, 2 cores, {platform.system()}.",
        "",
        "| shape | links | measured s | simulated s | off by | computed s | measured over the least |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {one.shape.name} | {one.links:,} | {one.measured_s:.1f} | {one.forecast_s:.1f} "
        f"| {one.off:+.1%} | {one.computed_s:.1f} | {one.measured_s / one.least_s:.2f} |"
        for one in found
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main.main(prog_name="python -m bench.simulate")
