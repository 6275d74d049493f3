"""Options of the commands that look for pictures: how near is near, and how it is shown.

Room: command line.
"""

import click

from analysis.hash_lists.read import MIN_QUALITY
from analysis.matching.search import MAX_DISTANCE

max_distance = click.option(
    "--max-distance",
    type=click.IntRange(0, 128),
    default=MAX_DISTANCE,
    show_default=True,
    help="Most of PDQ's 256 bits that may differ.",
)
min_quality = click.option(
    "--min-quality",
    type=click.IntRange(0, 100),
    default=MIN_QUALITY,
    show_default=True,
    help="Least PDQ quality on both sides.",
)
form = click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table"
)
