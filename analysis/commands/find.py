"""`stillup find`: every place that serves a picture, without giving the picture to anyone.

Room: command line.
"""

from collections.abc import Iterable
from pathlib import Path

import click

from analysis.commands import nearness
from analysis.matching import printing
from analysis.matching.answer import TERMS, Answer, answer
from analysis.matching.found_places import heading, limits, places, what_next
from analysis.matching.kept_matches import keep_matches
from analysis.matching.pictures_asked import Asked, read_pictures
from analysis.matching.search import Question
from analysis.printing import quiet_pipe, set_aside
from analysis.runfile import read_run
from analysis.session import ask


@click.command()
@click.argument("run")
@click.argument(
    "images", metavar="IMAGE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@nearness.max_distance
@nearness.min_quality
@click.option(
    "--keep/--no-keep",
    default=False,
    show_default=True,
    help="Keep the hashes of what is found in RUN/matches, for whoever reads the run.",
)
@nearness.form
@click.pass_context
def find(
    context: click.Context,
    run: str,
    images: tuple[Path, ...],
    max_distance: int,
    min_quality: int,
    keep: bool,
    form: str,
) -> None:
    """Find the places in RUN that serve a picture of yours, or served it, or are said to.

    The picture stays on this machine, and nothing of it is written down: its hashes are made in
    memory, also for copies that are mirrored or turned, and compared with what RUN has seen.

    \b
    stillup find runs/cc3m me.jpg
    stillup find runs/cc3m me.jpg me-as-a-child.png --format json
    """  # noqa: D301 - the backspace is click's mark
    facts = read_run(run)
    asked = read_pictures(images, min_quality)
    hashes = tuple(picture.hashes for picture in asked)
    question = Question(lists=hashes, max_distance=max_distance, min_quality=min_quality)
    found = ask(facts, lambda session: answer(session, question), TERMS, set_aside)
    if keep:
        digests = {one.digest for one in hashes}
        for damaged in keep_matches(facts.store, found.found, digests, blind=False):
            set_aside(damaged)
    with quiet_pipe():
        if form == "csv":
            printing.write_csv(found)
        elif form == "json":
            printing.write_json(found, hashes)
        else:
            _write(asked, found, _commands(context), kept=keep)


def _commands(context: click.Context) -> list[str]:
    """Return the names of the commands that this version has."""
    root = context.find_root()
    return root.command.list_commands(root) if isinstance(root.command, click.Group) else []


def _write(asked: list[Asked], found: Answer, commands: list[str], *, kept: bool) -> None:
    for picture in asked:
        digest = picture.hashes.digest
        _say(heading(picture))
        _say(places([match for match in found.matches if match.list_digest == digest]))
        click.echo()
    following = list(what_next(found.matches, commands))
    _say([*following, ""] if following else [])
    _say(limits(found.coverage, kept=kept))


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
