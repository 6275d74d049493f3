"""`stillup plan`: a dataset's links, read into a run by shard.

Room: command line.
"""

from datetime import UTC, datetime
from importlib.metadata import version

import click
from rich.console import Console

from crawler.plan.build import Plan, build
from crawler.plan.formats import READERS
from crawler.plan.summary import lines
from crawler.rundir import PlanOptions


@click.command()
@click.argument("run")
@click.argument("source", nargs=-1, required=True)
@click.option(
    "--shards", type=click.IntRange(1, 10_000), help="How many; else one for 250,000 links."
)
@click.option(
    "--format", "file_format", type=click.Choice(list(READERS)), help="Overrules file names."
)
@click.option("--url-column", metavar="C", help="Name, or position from 0.")
@click.option("--caption-column", metavar="C", help="Name, or position from 0.")
@click.option(
    "--sample", type=float, default=1.0, metavar="F", help="Keep this fraction of the links."
)
@click.option(
    "--max-per-domain", type=click.IntRange(1), metavar="N", help="Keep so many of a domain."
)
def plan(
    run: str,
    source: tuple[str, ...],
    shards: int | None,
    file_format: str | None,
    url_column: str | None,
    caption_column: str | None,
    sample: float,
    max_per_domain: int | None,
) -> None:
    """Read a dataset's links into RUN, by shard.

    SOURCE is a file, a folder, a glob or an fsspec URL (s3://bucket/list.parquet) of Parquet, CSV,
    TSV, JSON Lines or plain text, also gzipped or zstandard-compressed.

    \b
    stillup plan runs/cc3m data/samples/cc3m-validation.tsv.gz --shards 4
    stillup plan runs/laion 'laion/*.parquet' --sample 0.01
    """  # noqa: D301 - \b is click's
    options = PlanOptions(
        sources=source,
        shards=shards,
        format=file_format,
        url_column=url_column,
        caption_column=caption_column,
        sample=sample,
        max_per_domain=max_per_domain,
    )
    for line in lines(_build(run, options)):
        click.echo(line)


def _build(run: str, options: PlanOptions) -> Plan:
    """Build the plan, with a moving line on a terminal."""
    console = Console(stderr=True)
    with console.status("reading") as status:
        return build(
            run,
            options,
            now=datetime.now(UTC).replace(microsecond=0),
            version=version("stillup"),
            progress=lambda step, rows: status.update(f"{step} {rows:,} rows"),
        )
