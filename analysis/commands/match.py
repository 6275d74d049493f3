"""`stillup match`: hash lists against a run.

Room: command line.
"""

from collections.abc import Sequence
from pathlib import Path

import click

from analysis.commands import nearness
from analysis.hash_lists.entry import Kind
from analysis.hash_lists.gathered import HashList
from analysis.hash_lists.judge import AMBIGUOUS
from analysis.hash_lists.read import read_lists
from analysis.matching import printing
from analysis.matching.answer import TERMS, Answer, answer
from analysis.matching.kept_matches import keep_matches
from analysis.matching.search import Question
from analysis.printing import quiet_pipe, set_aside
from analysis.runfile import read_run
from analysis.session import ask
from crawler.records.errors import RunFailed, WrongUse
from crawler.records.shown import error_line
from storage.store import Store


@click.command()
@click.argument("run")
@click.argument("hashes", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--blind", is_flag=True, help="Only what the dataset promised; nobody is asked.")
@click.option(
    "--type",
    "kind",
    type=click.Choice([kind.value for kind in Kind]),
    help="What hashes are that do not say it.",
)
@nearness.max_distance
@nearness.min_quality
@click.option("--keep/--no-keep", default=True, show_default=True, help="Keep it in RUN/matches.")
@nearness.form
def match(
    run: str,
    hashes: tuple[Path, ...],
    blind: bool,
    kind: str | None,
    max_distance: int,
    min_quality: int,
    keep: bool,
    form: str,
) -> None:
    """Match hash lists against the run RUN: sha256, md5 and PDQ.

    HASHES are files: CSV, JSON, JSON Lines, XML or plain, packed by gzip or not. What matches is
    kept as the table `matches`, without anything else that a list says.

    \b
    stillup match runs/cc3m stopncii.csv
    stillup match runs/cc3m hashes.txt --type pdq --blind
    stillup match runs/cc3m ncmec.xml.gz --format csv > matches.csv
    """  # noqa: D301 - the backspace is click's mark
    facts = read_run(run)
    lists = read_lists(hashes, Kind(kind) if kind else None, min_quality)
    printing.write_lists(lists)
    if not any(found.usable for found in lists):
        raise WrongUse(_nothing_usable(lists))
    question = Question(
        lists=lists, max_distance=max_distance, min_quality=min_quality, blind=blind
    )
    found = ask(facts, lambda session: answer(session, question), TERMS, set_aside)
    if keep:
        _keep(facts.store, found, lists, blind=blind)
    with quiet_pipe():
        if form == "table":
            printing.write_table(found, blind=blind)
        elif form == "csv":
            printing.write_csv(found)
        else:
            printing.write_json(found, lists)


def _nothing_usable(lists: Sequence[HashList]) -> str:
    if any(AMBIGUOUS in found.refused for found in lists):
        return AMBIGUOUS
    return "no entry of these lists can be matched; --type says what hashes are that do not say it"


def _keep(store: Store, found: Answer, lists: Sequence[HashList], *, blind: bool) -> None:
    """Keep what was found; a run that is only read is matched all the same."""
    try:
        damaged = keep_matches(store, found.found, {one.digest for one in lists}, blind=blind)
    except RunFailed as error:
        click.echo(f"stillup: not kept: {error_line(str(error))}", err=True)
        return
    for file in damaged:
        set_aside(file)
