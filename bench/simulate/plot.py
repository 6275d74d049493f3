"""`python -m bench.simulate.plot`: the plot of docs/scale.md, by the forecasts of the front door."""

import json
import subprocess
import sys
from pathlib import Path

import altair as alt

PICTURE = Path("docs/pictures/scale.svg")
WORKERS = (10, 30, 100, 300, 1000)
CHANGES = {
    "as it is": "delay=1",
    "domains not split": "split=no",
    "at most 1,000,000 a domain": "max-per-domain=1000000",
    "at most 100,000 a domain": "max-per-domain=100000",
    "1,000,000 a domain, not split, 1,000 shards": "split=no,shards=1000,max-per-domain=1000000",
}
_YEAR_S = 365.25 * 86_400


def points(policy: str, change: str) -> list[dict[str, object]]:
    """Return how many years a crawl of 5.85 billion links takes, by workers."""
    workers = [part for count in WORKERS for part in ("--workers", str(count))]
    command = [sys.executable, "-m", "stillup", "simulate", "--format", "json", "--what-if", change]
    ran = subprocess.run([*command, *workers], capture_output=True, text=True, check=True)
    return [
        {"policy": policy, "workers": one["workers"], "years": one["makespan_s"] / _YEAR_S}
        for one in json.loads(ran.stdout)
        if one["scenario"] == change
    ]


def main() -> None:
    """Draw it."""
    rows = [point for policy, change in CHANGES.items() for point in points(policy, change)]
    chart = (
        alt.Chart(alt.Data(values=rows), width=460, height=280)
        .mark_line(point=True)
        .encode(
            x=alt.X("workers:Q", scale=alt.Scale(type="log"), title="workers"),
            y=alt.Y("years:Q", scale=alt.Scale(type="log"), title="years, computed"),
            color=alt.Color(
                "policy:N", sort=list(CHANGES), title=None, legend=alt.Legend(labelLimit=320)
            ),
        )
    )
    chart.save(str(PICTURE))


if __name__ == "__main__":
    main()
