"""Drafts the report of a place: what was reviewed, is served, and was not reported before.

Room: sql. Computes nothing that a view does not tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from analysis import findings
from analysis.nouns import read_nouns
from analysis.report.canonical import parsed
from analysis.report.hosting import TABLES, Provider, read_contacts, read_providers
from analysis.report.model import (
    Concern,
    Earlier,
    Ground,
    HostAddress,
    Kind,
    Report,
    ReportedLink,
    Sender,
)
from analysis.report.number import report_number, run_identity
from analysis.report.recipients import recipients
from analysis.runfile import RunFacts
from analysis.session import Session, Terms
from crawler.records.errors import RunFailed

NO_ADDRESS, NO_SENDER = "no_address", "no_sender"
TERMS = Terms(
    stored=(*findings.TERMS.stored, "live_links", "reportable_links", "told_links"),
    tables=("report_standing", "live_links", "reports", "observations", *TABLES),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a place stands with reports; the fields are columns of `report_standing`."""

    level: str
    place: str
    live_links: int
    new_links: int
    still_live_links: int
    reviewed_at: datetime | None
    first_report: str | None
    report_now: str | None
    reminder_now: str | None
    report_standing: str
    reminder_standing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the sender chose. `to` is empty where the run shall say whom to write to.

    `sender` may be None where nothing new is to be written.
    """

    kind: Kind
    ground: Ground
    language: str
    sender: Sender | None
    to: tuple[str, ...] = ()


def read_standings(session: Session) -> tuple[Standing, ...]:
    """Return every finding and every place that was reviewed, in the order of their names."""
    return read_nouns(session, Standing, "from report_standing order by place, level")


def read_report(session: Session, number: str) -> Report:
    """Return a report that was written. Raises RunFailed where another version wrote it."""
    query = (
        "select content from segments.actions where kind = 'report' and report_number = ? "
        "order by acted_at, sha256 limit 1"
    )
    [content] = session.connection.execute(query, [number]).fetchall()[0]
    try:
        return parsed(content)
    except (ValueError, KeyError, TypeError) as error:
        raise RunFailed(f"{number} cannot be read again: {error}") from error


def draft(session: Session, facts: RunFacts, standing: Standing, choices: Choices) -> Report | str:
    """Return the report of a place that is due, or why it waits: NO_ADDRESS, NO_SENDER."""
    assert standing.reviewed_at is not None  # noqa: S101 - report_standing: only what is confirmed is due
    found = _links(session, facts.round, standing, choices.kind)
    served = _served(session, found)
    domains = {domain for domain, _ in served}
    to = recipients(read_contacts(session, served), domains, choices.to)
    if not to:
        return NO_ADDRESS
    if choices.sender is None:
        return NO_SENDER
    level, place, kind = standing.level, standing.place, choices.kind
    return Report(
        number=report_number(run_identity(facts.facts), level, place, facts.round, kind),
        kind=kind,
        reminds_of=_first(session, standing) if kind is Kind.REMINDER else None,
        round=facts.round,
        level=level,
        place=place,
        dated=max(standing.reviewed_at, *(link.last_seen_at for link in found)),
        reviewed_at=standing.reviewed_at,
        language=choices.language,
        ground=choices.ground,
        sender=choices.sender,
        recipients=to,
        hosts=_hosts(session, found),
        links=found,
    )


def _links(
    session: Session, round_: int, standing: Standing, kind: Kind
) -> tuple[ReportedLink, ...]:
    """Return the links that a report of this kind names, by address."""
    told = "select link_id from told_links where level = ? and place = ?"
    at = [standing.level, standing.place]
    if kind is Kind.REMINDER:
        which = f"last_round > round and round < {round_:d} and level = ? and place = ?"
        which = f"link_id in (select link_id from told_links join live_links using (link_id) where {which})"
    else:
        which = f"link_id not in ({told})"
    source = f"from ({_SERVED} where level = ? and place = ? and {which}) order by url, link_id"
    found = read_nouns(session, ReportedLink, source, [*at, *at])
    return tuple(
        replace(link, concerns=tuple(one for one in Concern if one in link.concerns))
        for link in found
    )


def _hosts(session: Session, found: Sequence[ReportedLink]) -> tuple[HostAddress, ...]:
    """Return at which addresses the links' hosts answered, and whose networks these are."""
    connected = read_nouns(session, _Connected, _CONNECTED, [[link.link_id for link in found]])
    known = read_providers(session, {one.host for one in connected})
    return tuple(_host(one, known.get((one.host, one.ip))) for one in connected)


def _host(at: "_Connected", provider: Provider | None) -> HostAddress:
    found = HostAddress(
        host=at.host, ip=at.ip, first_at=at.first_at, last_at=at.last_at, looks=at.looks
    )
    if provider is None:
        return found
    return replace(
        found,
        asn=provider.asn,
        organisation=provider.organisation,
        network=provider.network,
        kind=provider.kind,
        provider=provider.name,
    )


def _served(session: Session, found: Sequence[ReportedLink]) -> list[tuple[str, str]]:
    """Return the links' registered domains, each with the hosts that serve them."""
    query = (
        "select distinct registered_domain, served_by from live_links "
        "where link_id in (select unnest(?::ubigint[]))"
    )
    rows = session.connection.execute(query, [[link.link_id for link in found]]).fetchall()
    return sorted((domain, host) for domain, host in rows)


def _first(session: Session, standing: Standing) -> Earlier:
    """Return the first report about a place, as it says itself."""
    first = read_report(session, standing.first_report or "")
    return Earlier(number=first.number, dated=first.dated, links=len(first.links))


@dataclass(frozen=True, slots=True)
class _Connected:
    host: str
    ip: str
    first_at: datetime
    last_at: datetime
    looks: int


_SERVED = (
    "select * replace (nullif(served_url, url) as served_url) "
    "from reportable_links join live_links using (link_id)"
)
_CONNECTED = (
    "from (select host, ip, min(observed_at) as first_at, max(observed_at) as last_at, "
    "count(*) as looks from observations where link_id in (select unnest(?::ubigint[])) "
    "and ip is not null and host is not null group by host, ip) order by host, ip"
)
