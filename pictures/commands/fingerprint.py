"""`stillup fingerprint`: hashes of pictures on this machine. The pictures go nowhere.

Room: command line. No network is imported here.
"""

import csv
import io
import json
from collections.abc import Sequence

import click

from crawler.records.errors import RunFailed
from crawler.records.shown import visible
from pictures.exchange import COLUMNS, entry, rows
from pictures.files import DevelopedFile, develop_files


@click.command(
    epilog="""
\b
Example:
  stillup fingerprint holiday.jpg scan.png > hashes.csv
The pictures stay where they are: nothing is sent, copied or written.
"""
)
@click.argument("images", nargs=-1, required=True, metavar="IMAGE...")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "json"]),
    default="csv",
    show_default=True,
    help="A row for each orientation; or one object a picture, for exchanges of hashes.",
)
def fingerprint(images: tuple[str, ...], format_: str) -> None:
    """Print the hashes of pictures: sha256, md5, and PDQ in all eight orientations.

    What else a file carries (a position, a serial number, a name, a patient) is said by name only,
    never with its value.
    """
    developed = list(develop_files(images))
    click.echo(_csv(developed) if format_ == "csv" else _json(developed), nl=False)
    failed = [file for file in developed if file.why is not None]
    for file in failed:
        click.echo(f"{visible(file.file)}: {visible(file.why or '')}", err=True)
    if failed:
        raise RunFailed(f"{len(failed)} of {len(developed)} could not be fingerprinted")


def _csv(developed: Sequence[DevelopedFile]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for file in developed:
        writer.writerows(rows(file.file, file.found))
    return text.getvalue()


def _json(developed: Sequence[DevelopedFile]) -> str:
    entries = [entry(file.file, file.found) for file in developed]
    return json.dumps(entries, indent=2) + "\n"
