"""`stillup compact`: fewer, larger segments.

Room: command line.
"""

from datetime import UTC, datetime, timedelta

import click

from crawler.compaction.blocks import Limits
from crawler.compaction.folder import Tally, Terms
from crawler.compaction.run import compact_run
from crawler.records.shown import error_line
from crawler.rundir import ensure_writable, open_run

KEEP_S = 600
LONGEST_KEEP_S = 1_000_000_000
FILE_MB = 256
FILE_ROWS = 2_000_000


@click.command()
@click.argument("run")
@click.option(
    "--keep-s",
    type=click.IntRange(0, LONGEST_KEEP_S),
    default=KEEP_S,
    show_default=True,
    help="Seconds that merged files stay for readers that know their names.",
)
@click.option(
    "--file-mb",
    type=click.IntRange(1),
    default=FILE_MB,
    show_default=True,
    help="The most that one file is made of.",
)
def compact(run: str, keep_s: int, file_mb: int) -> None:
    """Merge the segments of RUN into fewer, larger ones, sorted by registered domain.

    No reader notices, and a crawl may go on meanwhile. What was merged is removed by the next
    compact that comes at least --keep-s seconds later.

    \b
    stillup compact runs/cc3m
    stillup compact runs/cc3m --keep-s 0      # nobody else reads the run
    """  # noqa: D301 - the backspace is click's mark
    planned = open_run(run)
    ensure_writable(planned)
    limits = Limits(FILE_ROWS, file_mb * 1_000_000)
    terms = Terms(limits, timedelta(seconds=keep_s), lambda: datetime.now(UTC))
    tally = compact_run(planned.store, terms)
    for path, why in tally.left.items():
        click.echo(f"stillup: {error_line(f'{path} {why}; left as it is')}", err=True)
    click.echo(_done(tally))
    if tally.removed_files or tally.waiting_files:
        click.echo(_covered(tally, keep_s))


def _done(tally: Tally) -> str:
    if not tally.made_files:
        return "nothing to merge"
    return (
        f"merged {tally.merged_files:,} files into {tally.made_files:,}: {tally.rows:,} rows, "
        f"{_mb(tally.merged_bytes)} before, {_mb(tally.made_bytes)} now"
    )


def _covered(tally: Tally, keep_s: int) -> str:
    told = []
    if tally.removed_files:
        told.append(f"removed {tally.removed_files:,} merged files ({_mb(tally.removed_bytes)})")
    if tally.waiting_files:
        told.append(
            f"{tally.waiting_files:,} merged files ({_mb(tally.waiting_bytes)}) stay for their "
            f"readers; compact again after {keep_s:,} s to remove them"
        )
    return "; ".join(told)


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.1f} MB"
