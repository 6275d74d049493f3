"""`stillup contacts`: whom to write to about the places that a review has confirmed.

Room: command line.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from analysis.contacts import ANSWERED, TERMS, Carrier, Written, contacts_of, places_of
from analysis.derive import derive
from analysis.printing import quiet_pipe, set_aside
from analysis.runfile import RunFacts, read_run
from analysis.session import ask
from analysis.text import visible
from crawler.commands import reaching
from crawler.contacts.kept import ContactBook, Known
from crawler.contacts.look_up import LookedUp, ask_about, remembered
from crawler.copied import copied
from crawler.offline.bootstrap import bootstrap
from crawler.options import visit_options
from crawler.records import ParsedUrl
from crawler.records.contact import Place
from crawler.records.errors import RunFailed, WrongUse
from crawler.records.layout import CONTACTS
from crawler.records.shown import error_line
from crawler.rundir import ensure_writable, open_run
from crawler.urls import parse_url
from crawler.visit.options import VisitOptions

_MAX_BYTES = 1024 * 1024
_WIDEST = 60


@click.command(
    epilog="""
\b
Example:
  stillup contacts runs/laion --domain example.org --contact https://example.org/about-us
What was found out within a day is not asked again.
"""
)
@click.argument("run")
@click.option(
    "--domain",
    "domains",
    multiple=True,
    metavar="D",
    help="A domain or tenant, instead of all that are confirmed; may be repeated.",
)
@click.option("--offline", is_flag=True, help="Ask nobody; print what is known.")
@reaching.contact
@click.option(
    "--rdap-bootstrap",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Which RDAP server to ask, as IANA's files say it (RFC 9224).",
)
@reaching.reached
def contacts(
    run: str, domains: tuple[str, ...], offline: bool, rdap_bootstrap: Path | None, **options: Any
) -> None:
    """Find out whom to write to about what RUN still serves, best address first.

    The security.txt of the host and its domain, the abuse contact of the network and of the
    registrar (RDAP), then abuse@. Every address has its source and date; all is kept in the table
    `contacts`.
    """
    facts, directory = read_run(run), open_run(run)
    derive(facts, set_aside)
    wanted = list(map(_spelled, domains))
    places, nowhere = ask(facts, lambda session: places_of(session, wanted), TERMS, set_aside)
    for place in nowhere:
        _say(f"{place} serves no live link of this run")
    if not places:
        raise RunFailed(_nothing(wanted))
    if not offline:
        settled = _options(options)
        ensure_writable(directory)
    now = datetime.now(UTC)
    with copied(directory, [CONTACTS]) as near:
        book = ContactBook(near, lambda text: _say(near.told(text)))
        known = book.known()
        if offline:
            found = remembered(places, known, now)
        else:
            found = _asked(places, known, settled, rdap_bootstrap, now)
        book.keep({place: found.found[place] for place in places if place in found.is_new}, now)
    _print(facts, places)
    _explain(found)
    if found.stopped:
        raise RunFailed("stopped; what was answered is kept. The same command asks for the rest")


def _spelled(place: str) -> str:
    """Return a domain in the one spelling of hosts; a tenant's name, with its bucket, as it is."""
    url = parse_url(f"http://{place}/")
    return url.host if isinstance(url, ParsedUrl) and "/" not in place else place


def _options(options: dict[str, Any]) -> VisitOptions:
    """Return how strangers are asked: as a crawl does, by the default rules of politeness."""
    given = {
        f"STILLUP_{name.upper()}": list(value) if isinstance(value, tuple) else value
        for name, value in options.items()
    }
    fixed = {"MODE": "body", "FINGERPRINT": "", "TIMEOUT": 30.0, "MAX_BYTES": _MAX_BYTES}
    fixed |= {"POLICY": None, "DELAY": None}
    return visit_options({f"STILLUP_{name}": value for name, value in fixed.items()} | given, 1, 0)


def _asked(
    places: list[Place], known: Known, options: VisitOptions, file: Path | None, now: datetime
) -> LookedUp:
    if file is not None and not file.is_file():
        raise WrongUse(f"--rdap-bootstrap: there is no file {file}")
    return asyncio.run(ask_about(places, known, options, bootstrap(file), now))


def _nothing(wanted: Sequence[str]) -> str:
    if wanted:
        return "nothing of this serves a live link; `stillup findings` lists what does"
    return "no finding is confirmed yet: review one first, or name a --domain"


def _print(facts: RunFacts, places: list[Place]) -> None:
    written, carried = ask(facts, lambda session: contacts_of(session, places), ANSWERED, set_aside)
    with quiet_pipe():
        for number, place in enumerate(places):
            if number:
                click.echo()
            ours = [one for one in written if (one.registered_domain, one.host) == place.key]
            for line in _lines(place, ours, [one for one in carried if one.host == place.host]):
                click.echo(line)


def _lines(place: Place, written: Sequence[Written], carried: Sequence[Carrier]) -> Iterable[str]:
    """Yield what is printed of a place: who carries it, then whom to write to, best first."""
    domain = (
        "" if place.host == place.registered_domain else f", of {visible(place.registered_domain)}"
    )
    yield visible(place.host) + domain
    for one in carried:
        who = f"{visible(one.name)} ({one.kind})" if one.name else "nobody known"
        yield f"  at {one.ip}: {who}; {visible(one.because)}"
    if not written:
        yield "  no address is known"
    width = min(_WIDEST, max((len(one.address) for one in written), default=0))
    for row in written:
        source = f"{row.source} of {visible(row.subject)}, {row.seen_on}"
        url = f"  {visible(row.source_url)}" if row.source_url else ""
        yield f"  {row.rank:>2}  {visible(row.address):<{width}}  {row.scope:<10}  {source}{url}"


def _explain(found: LookedUp) -> None:
    """Say what was not answered. Raises RunFailed where nothing was."""
    for question, why in found.unanswered:
        _say(f"{question.kind} of {question.about}: {why}")
    if found.asked and len(found.unanswered) == found.asked:
        raise RunFailed("nobody answered; is there a network? The same command asks again")


def _say(text: str) -> None:
    click.echo(f"stillup: {error_line(text)}", err=True)
