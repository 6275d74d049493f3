"""`stillup publish`: build run.duckdb.

Room: command line.
"""

import click

from analysis.printing import set_aside
from analysis.publish import MEMORY_LIMIT, publish_run
from analysis.text import visible


@click.command()
@click.argument("run")
@click.option("--memory-limit", default=MEMORY_LIMIT, show_default=True, help="For DuckDB, as 4GB.")
def publish(run: str, memory_limit: str) -> None:
    """Build RUN/run.duckdb from the segments of RUN; a crawl does it at its end.

    The file has real tables and needs no stillup: open it with any DuckDB client from 1.2 on.

    \b
    stillup publish runs/cc3m
    duckdb -readonly runs/cc3m/run.duckdb "from liveness_by_verdict"
    """  # noqa: D301 - the backspace is click's mark
    made = publish_run(run, memory_limit=memory_limit, warn=set_aside)
    click.echo(f"published {visible(made.location)} ({made.size_bytes / 1e6:,.1f} MB)")
