"""The places that are to be written about, who carries them, and whom to write to.

Room: sql.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from analysis.session import Session, Terms
from crawler.records.contact import Place

_PLACES = """
select registered_domain, host, list_sort(list(distinct ip) filter (where ip is not null)) as ips
from live_places
where place in (select unnest($places))
group by registered_domain, host
order by registered_domain, host
"""
_CONFIRMED = "select distinct place from reviews where counts and decision = 'confirm'"
_CONTACTS = """
select
    registered_domain, host, rank, scope, subject, address, source, source_url,
    strftime(seen_at, '%Y-%m-%d') as seen_on
from contacts
where (registered_domain, host) in (select unnest($domains), unnest($hosts))
order by registered_domain, host, rank
"""
_PROVIDERS = """
select host, ip, kind, name, because, network
from providers
where host in (select unnest($hosts))
order by host, ip
"""

TERMS = Terms(tables=["live_places", "reviews"])
ANSWERED = Terms(tables=["contacts", "providers"])


@dataclass(frozen=True, slots=True)
class Written:
    """A row of `contacts`; `seen_on` is the day, UTC."""

    registered_domain: str
    host: str
    rank: int
    scope: str
    subject: str
    address: str
    source: str
    source_url: str | None
    seen_on: str


@dataclass(frozen=True, slots=True)
class Carrier:
    """A row of `providers`, as far as it is printed."""

    host: str
    ip: str
    kind: str
    name: str | None
    because: str
    network: str | None


def confirmed(session: Session) -> list[str]:
    """Return the places that a review has confirmed."""
    return [place for (place,) in session.connection.execute(_CONFIRMED).fetchall()]


def places_of(session: Session, wanted: Sequence[str]) -> tuple[list[Place], list[str]]:
    """Return where live links of `wanted` are served, and which of `wanted` have none.

    Without `wanted` it is about what a review has confirmed.
    """
    asked = list(wanted) or confirmed(session)
    rows = session.connection.execute(_PLACES, {"places": asked}).fetchall()
    found = [Place(domain, host, tuple(ips or ())) for domain, host, ips in rows]
    live = session.connection.execute(
        "select distinct place from live_places where place in (select unnest($places))",
        {"places": asked},
    ).fetchall()
    return found, sorted(set(asked) - {place for (place,) in live})


def contacts_of(session: Session, places: Collection[Place]) -> tuple[list[Written], list[Carrier]]:
    """Return whom to write to about places, best first, and who carries their hosts."""
    domains, hosts = (list(column) for column in zip(*(place.key for place in places), strict=True))
    asked = session.connection
    written = asked.execute(_CONTACTS, {"domains": domains, "hosts": hosts}).fetchall()
    carried = asked.execute(_PROVIDERS, {"hosts": hosts}).fetchall()
    return [Written(*row) for row in written], [Carrier(*row) for row in carried]
