"""In which order contacts are written to, and how they are kept."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from crawler.contacts.kept import LIFETIME, ContactBook
from crawler.contacts.questions import Kind, Question, questions_of
from crawler.contacts.ranking import ranked
from crawler.domains import registered_domain
from crawler.records.contact import Contact, Place, Scope, Source
from crawler.rundir import open_run
from tests.runs import planned

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SAID = {
    Scope.DOMAIN: (Source.SECURITY_TXT, Source.RDAP),
    Scope.NETWORK: (Source.RDAP,),
    Scope.REGISTRAR: (Source.RDAP, Source.REGISTRAR_TABLE),
    Scope.CONVENTION: (Source.ABUSE_AT,),
}
ORDER = [(scope, source) for scope, sources in SAID.items() for source in sources]


def contact(scope: Scope, source: Source, address: str | None, **columns: object) -> Contact:
    """Return what a source says about a.test."""
    values = {
        "subject": "a.test",
        "about": "a.test",
        "source_url": None,
        "seen_at": NOW,
        "asked_at": NOW,
    }
    return Contact(scope=scope, source=source, address=address, **{**values, **columns})  # type: ignore[arg-type]


CONTACTS = st.lists(
    st.builds(
        lambda said, address: contact(said[0], said[1], address),
        st.sampled_from(ORDER),
        st.sampled_from([None, *(f"{name}@a.test" for name in "abcde")]),
    )
)


def place_of(one: Contact) -> int:
    """Return where a contact's scope and source stand in the order."""
    return ORDER.index((one.scope, one.source))


@given(CONTACTS, st.randoms())
def test_ranks(found: list[Contact], rng: Random) -> None:
    """Every address has one rank, from 1 on, where the best of its sources stands."""
    numbered = [(rank, one) for rank, one in ranked(found) if rank is not None]
    assert [rank for rank, _ in numbered] == list(range(1, len(numbered) + 1))
    places = {one.address: place_of(one) for _, one in numbered}
    assert len(places) == len(numbered)
    assert list(places.values()) == sorted(places.values())
    said = {one.address for one in found} - {None}
    assert places == {
        address: min(place_of(one) for one in found if one.address == address) for address in said
    }
    rng.shuffle(found)
    assert {one.address: place_of(one) for rank, one in ranked(found) if rank} == places


def test_what_is_asked() -> None:
    """The host, its domain and the domain that led there; of an IP address no registry of names."""
    moved = Place("leak.test", "img.cdn.test", ("192.0.2.1",))
    assert questions_of(moved, registered_domain) == (
        Question(Kind.SECURITY, "img.cdn.test"),
        Question(Kind.SECURITY, "cdn.test"),
        Question(Kind.SECURITY, "leak.test"),
        Question(Kind.DOMAIN, "cdn.test"),
        Question(Kind.DOMAIN, "leak.test"),
        Question(Kind.ADDRESS, "192.0.2.1"),
    )
    bare = Place("192.0.2.1", "192.0.2.1", ("192.0.2.1",))
    assert [one.kind for one in questions_of(bare, registered_domain)] == [
        Kind.SECURITY,
        Kind.ADDRESS,
    ]


def test_the_last_answer_is_known(tmp_path: Path) -> None:
    """What was kept comes back: of each question its last answer, whole, for as long as a day."""
    run = open_run(planned(tmp_path, ["http://a.test/1.jpg"]))
    at = Place("a.test", "a.test", ("192.0.2.1",))
    old = contact(Scope.REGISTRAR, Source.RDAP, "old@a.test", asked_at=NOW - timedelta(days=2))
    new = [
        contact(
            Scope.REGISTRAR,
            Source.REGISTRAR_TABLE,
            f"{name}@a.test",
            seen_at=NOW - timedelta(days=90),
        )
        for name in "ab"
    ]
    network = contact(Scope.NETWORK, Source.RDAP, None, about="192.0.2.1", note="nobody")
    convention = contact(Scope.CONVENTION, Source.ABUSE_AT, "abuse@a.test")
    for found, day in (([old], 0), ([*new, network, convention], 2)):
        ContactBook(run).keep({at: found}, NOW + timedelta(days=day))
    known = ContactBook(run).known()
    assert known.answers == {
        Question(Kind.DOMAIN, "a.test"): tuple(new),
        Question(Kind.ADDRESS, "192.0.2.1"): (network,),
    }
    assert known.places == {("a.test", "a.test")}
    asked = Question(Kind.DOMAIN, "a.test")
    assert known.holds(asked, NOW + LIFETIME - timedelta(seconds=1))
    assert not known.holds(asked, NOW + LIFETIME)
