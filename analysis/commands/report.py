"""`stillup report`: what a host is sent about what was confirmed.

Room: command line.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import click
from click.core import ParameterSource

from analysis.derive import derive
from analysis.liveness import TERMS as LIVENESS
from analysis.liveness import read_liveness
from analysis.overview.figures import TERMS as FIGURES
from analysis.overview.figures import read_figures
from analysis.printing import quiet_pipe, set_aside
from analysis.report.draft import NO_ADDRESS, NO_SENDER, Choices
from analysis.report.files import write_files, write_page
from analysis.report.formats import FORMATS
from analysis.report.grounds import objection
from analysis.report.mailbox import mailbox
from analysis.report.model import Capacity, Ground, Kind, Report, Sender
from analysis.report.removal_list import TERMS as REMOVALS
from analysis.report.removal_list import write_removal_list
from analysis.report.reporting import Reported, Waiting, report_places
from analysis.report.words import LANGUAGES
from analysis.runfile import RunFacts, read_run
from analysis.session import ask
from analysis.text import visible
from analysis.wording import count
from crawler.records import layout
from crawler.records.errors import WrongUse
from storage.folder import Folder

_NAMED = 10
_OVERVIEW = "overview.html"
_LONGEST_NAME = 200
_OPTIONS = {
    "ground": "--ground",
    "language": "--language",
    "reporter": "--reporter",
    "reply_to": "--reply-to",
    "capacity": "--as",
    "to": "--to",
}
_NO_SENDER = "a report says who reports and how to answer: --reporter NAME --reply-to MAIL"
_WHY = {
    "not_reviewed": "not reviewed yet: stillup review RUN DOMAIN",
    "dismissed": "dismissed by a review",
    "not_live": "confirmed, but nothing that speaks against it is up",
    "known": "confirmed, and all that is up was reported in an earlier round: --reminder",
    "not_reported": "nothing was reported of it in an earlier round",
    "not_looked_at": "not looked at again since it was reported: stillup recheck RUN",
    "gone": "nothing that was reported is up any more",
    NO_SENDER: "confirmed, and nobody said who reports: --reporter NAME --reply-to MAIL",
    NO_ADDRESS: "confirmed, but no mail address to write to is known: --to MAIL",
}


@click.command()
@click.argument("run")
@click.option("--domain", "domains", multiple=True, help="Only this place; may be repeated.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="RUN/reports if left out."
)
@click.option(
    "--format", "forms", type=click.Choice(list(FORMATS)), multiple=True, help="All if left out."
)
@click.option(
    "--ground",
    type=click.Choice([one.value for one in Ground]),
    default="dsa16",
    show_default=True,
    help="The rule to appeal to.",
)
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--reporter", metavar="NAME", help="Who reports; stands on the report.")
@click.option("--reply-to", metavar="MAIL", help="Where an answer goes; stands on the report.")
@click.option(
    "--as",
    "capacity",
    type=click.Choice([one.value for one in Capacity]),
    default="third-party",
    show_default=True,
    help="In what capacity.",
)
@click.option(
    "--to", metavar="MAIL", multiple=True, help="Whom to write to, instead of who is known."
)
@click.option(
    "--removal-list",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.parquet",
    help="Write the rows that the dataset's makers should leave out, and no report.",
)
@click.option("--overview", is_flag=True, help="Write one page about the whole run, and no report.")
@click.option("--reminder", is_flag=True, help="Remind of what was reported and is still up.")
def report(
    run: str,
    domains: tuple[str, ...],
    out: Path | None,
    forms: tuple[str, ...],
    ground: str,
    language: str,
    reporter: str | None,
    reply_to: str | None,
    capacity: str,
    to: tuple[str, ...],
    removal_list: Path | None,
    overview: bool,
    reminder: bool,
) -> None:
    """Write a report for each place of RUN that was confirmed and is not reported in this round.

    One report a place and round, in every format. stillup sends nothing: open the .eml in a mail
    program and send it. A second call writes the same files again. What waits is listed, with why.

    \b
    stillup report runs/laion --reporter "A. Roe" --reply-to roe@example.org
    stillup report runs/laion --domain example.org --ground gdpr17 --as affected --language de ...
    stillup report runs/laion --reminder --reporter "A. Roe" --reply-to roe@example.org
    stillup report runs/laion --removal-list drop.parquet
    stillup report runs/laion --overview
    """  # noqa: D301 - the backspace is click's mark
    facts = read_run(run)
    kind = Kind.REMINDER if reminder else Kind.REPORT
    refused = objection(Ground(ground), Capacity(capacity))
    if refused is not None:
        raise WrongUse(refused)
    choices = Choices(
        kind=kind,
        ground=Ground(ground),
        language=language,
        sender=_sender(reporter, reply_to, Capacity(capacity)),
        to=_mailboxes(to),
    )
    is_list_alone = removal_list is not None and not overview
    folder = out or (Path() if is_list_alone else _folder_of_reports(facts))
    derive(facts, set_aside)
    if removal_list is not None or overview:
        _write_for_researchers(facts, removal_list, folder / _OVERVIEW if overview else None)
        return
    found = report_places(facts, domains, choices, lambda: datetime.now(UTC), set_aside)
    with quiet_pipe():
        for one in found.new:
            _say(one, write_files(one, folder, forms or tuple(FORMATS)), "new")
        for one in found.known:
            _say(one, write_files(one, folder, forms or tuple(FORMATS)), "reported in this round")
            _say_unheeded(one, choices)
        _say_what_waits(found, all_named=bool(domains))
    if any(one.why == NO_SENDER for one in found.waiting):
        raise WrongUse(_NO_SENDER)


def _folder_of_reports(facts: RunFacts) -> Path:
    """Return where reports go that nobody named a folder for. Raises WrongUse."""
    if isinstance(facts.store, Folder):
        return facts.root / layout.REPORTS
    raise WrongUse(f"{facts.store.location} is no folder; say where the files go: --out DIR")


def _write_for_researchers(facts: RunFacts, removals: Path | None, page: Path | None) -> None:
    """Write what is about the whole run and goes to no host."""
    if removals is not None:
        rows = ask(
            facts, lambda session: write_removal_list(session, removals), REMOVALS, set_aside
        )
        click.echo(f"{count(rows)} rows of the dataset in {visible(str(removals))}")
    if page is not None:
        from analysis.overview.page import overview

        liveness = ask(facts, read_liveness, LIVENESS, set_aside)
        figures = ask(facts, read_figures, FIGURES, set_aside)
        write_page(overview(facts.name, facts.round, liveness, figures), page)
        click.echo(visible(str(page)))


def _sender(name: str | None, mail: str | None, capacity: Capacity) -> Sender | None:
    """Return who reports, or None where that is not said. Raises WrongUse for half of it."""
    if name is None and mail is None:
        return None
    name = (name or "").strip()
    if not name or mail is None:
        raise WrongUse(_NO_SENDER)
    if visible(name) != name or len(name) > _LONGEST_NAME:
        raise WrongUse("--reporter has control characters, or is too long")
    return Sender(name=name, mail=_mailboxes([mail])[0], capacity=capacity)


def _mailboxes(given: Iterable[str]) -> tuple[str, ...]:
    found = tuple((text, mailbox(text)) for text in given)
    for text, address in found:
        if address is None:
            raise WrongUse(f"{visible(text)[:100]} is no mail address")
    return tuple(dict.fromkeys(address for _, address in found if address))


def _say(one: Report, paths: Sequence[Path], state: str) -> None:
    to = ", ".join(recipient.address for recipient in one.recipients)
    links = f"{count(len(one.links))} link{'s' if len(one.links) > 1 else ''}"
    click.echo(f"{one.number}  {visible(one.place)}: {links}, to {to} ({state})")
    for path in paths:
        click.echo(f"  {visible(str(path))}")


def _say_unheeded(one: Report, choices: Choices) -> None:
    """Say which options a report that stands does not follow: it is never written otherwise."""
    sender = choices.sender
    differs = {
        "ground": one.ground is not choices.ground,
        "language": one.language != choices.language,
        "reporter": sender is not None and one.sender.name != sender.name,
        "reply_to": sender is not None and one.sender.mail != sender.mail,
        "capacity": sender is not None and one.sender.capacity is not sender.capacity,
        "to": {to.address for to in one.recipients} != set(choices.to),
    }
    asked = click.get_current_context()
    unheeded = [
        _OPTIONS[name]
        for name, differing in differs.items()
        if differing and asked.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if unheeded:
        click.echo(f"  it stands as it was first written: {', '.join(unheeded)} changes nothing")


def _say_what_waits(found: Reported, *, all_named: bool) -> None:
    if not found.new and not found.known:
        click.echo("no report was written")
    waiting = sorted(found.waiting, key=lambda one: list(_WHY).index(one.why))
    for why, group in groupby(waiting, key=lambda one: one.why):
        _say_group(why, list(group), all_named=all_named)


def _say_group(why: str, group: Sequence[Waiting], *, all_named: bool) -> None:
    places = [visible(one.standing.place) for one in group]
    shown = places if all_named else places[:_NAMED]
    more = f" and {count(len(places) - len(shown))} more" if len(places) > len(shown) else ""
    click.echo(f"waits: {', '.join(shown)}{more}: {_WHY[why]}")
