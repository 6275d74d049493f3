"""Finding out whom to write to, on the fake internet: what is asked, of whom, how often."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.contacts.kept import Known
from crawler.contacts.look_up import LookedUp, ask_about, remembered
from crawler.contacts.questions import Kind, Question
from crawler.offline.bootstrap import bootstrap
from crawler.options import load_policy, visit_options
from crawler.records.contact import Contact, Place, Scope, Source
from tests.crawler.contacts.servers import (
    Registry,
    Site,
    moved,
    rdap_reply,
    recorded,
    recorded_for,
    security,
    services,
)
from tests.internet import FakeInternet
from tests.internet.host import Certificate
from tests.internet.messages import Reply, page, plain_text

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
NOBODY = Known({}, frozenset())
RETRY = (("Retry-After", "1"),)
LONG = (("Retry-After", "3600"),)
MAIL = "Contact: mailto:desk@{}"

DOMAINS = Registry(
    "domains.test",
    {
        "domain/google.com": rdap_reply(recorded("domain-google.com")),
        # The registry names the registrar and where its own answer is, and no desk.
        "domain/thin.com": rdap_reply(
            recorded_for("domain-google.com", ldhName="THIN.COM", entities=[], links=[
                {"rel": "related", "type": "application/rdap+json", "href": "https://registrar.test/rdap/domain/THIN.COM"},
            ])
        ),
        # A registrar that only the table has a desk of.
        "domain/tabled.com": rdap_reply(
            recorded_for("domain-google.com", ldhName="tabled.com", links=[], entities=[
                {"roles": ["registrar"], "publicIds": [{"type": "IANA Registrar ID", "identifier": "292"}]},
            ])
        ),
        "domain/broken.com": rdap_reply(b"<html>"),
        "domain/huge.com": rdap_reply(b"[" * 2_000_000),
        "domain/other.com": rdap_reply(recorded("domain-google.com")),
        "domain/busy.com": [
            Reply(status=429, headers=RETRY),
            rdap_reply(recorded_for("domain-google.com", ldhName="busy.com")),
        ],
    },
)  # fmt: skip
REGISTRAR = Registry(
    "registrar.test",
    {
        "domain/THIN.COM": rdap_reply(
            recorded_for("domain-google.com-markmonitor", ldhName="THIN.COM")
        )
    },
)
BLOCKS = Registry(
    "blocks.test",
    {
        "ip/1.1.1.1": rdap_reply(recorded("ip-1.1.1.1")),
        "ip/13.64.0.1": moved("https://elsewhere.test/rdap/ip/13.64.0.1"),
        "ip/5.5.5.5": moved("http://elsewhere.test/rdap/ip/5.5.5.5"),
        "ip/9.9.9.9": Reply(status=429, headers=LONG),
    },
)
ELSEWHERE = Registry("elsewhere.test", {"ip/13.64.0.1": rdap_reply(recorded("ip-13.64.0.0"))})
DISTRUSTED = Registry("distrusted.test", {"domain/a.cz": rdap_reply(recorded("domain-google.com"))})
DISTRUSTED.certificate = Certificate.WRONG_NAME
SITES = [
    Site("well.test", security(MAIL.format("well.test"), "Contact: https://well.test/abuse")),
    Site("img.well.test", security("Contact: mailto:pictures@well.test")),
    Site("old.test", security(MAIL.format("old.test"), path="/security.txt")),
    Site("closed.test", security(MAIL.format("closed.test")), robots_text="User-agent: *\nDisallow: /"),
    Site("page.test", {"/.well-known/security.txt": page(200, "Contact: mailto:a@page.test")}),
    Site("wrong.test", security(MAIL.format("wrong.test")), certificate=Certificate.WRONG_NAME),
    Site("led.test", {"/.well-known/security.txt": moved("https://well.test/.well-known/security.txt")}),
    Site("down.test", {"/.well-known/security.txt": plain_text("no", status=503)}),
    Site("plain.test"),
]  # fmt: skip


@pytest.fixture(scope="module")
def internet() -> Iterator[FakeInternet]:
    """One fake internet for all tests of this file, in which each has names of its own."""
    registries = (DOMAINS, REGISTRAR, BLOCKS, ELSEWHERE, DISTRUSTED)
    with FakeInternet([*registries, *SITES, "refused"]) as shared:
        yield shared


def settings(internet: FakeInternet) -> dict[str, Any]:
    """Return the options of somebody who asks on the fake internet."""
    from crawler import settings as defaults

    flags = internet.flags()
    given = {name: value for name, value in vars(defaults).items() if name.startswith("STILLUP_")}
    for name, flag in (
        ("NAMESERVERS", "nameserver"),
        ("CONNECT_TO", "connect-to"),
        ("ALLOW_NETWORKS", "allow-network"),
    ):
        given[f"STILLUP_{name}"] = [
            flags[at + 1] for at, one in enumerate(flags) if one == f"--{flag}"
        ]
    return given | {"STILLUP_CA_FILE": str(internet.ca_file), "STILLUP_TIMEOUT": 5.0}


async def looked_up(
    internet: FakeInternet,
    tmp_path: Path,
    *places: Place,
    known: Known = NOBODY,
    polite: bool = False,
) -> LookedUp:
    """Ask about places; by the default rules of politeness, or a hundred times as fast."""
    file = tmp_path / "bootstrap.json"
    file.write_text(
        services(
            domains_test=["com"], blocks_test=["0.0.0.0/1", "127.0.0.0/8"], distrusted_test=["cz"]
        )
    )
    options = visit_options(settings(internet), 1, 0)
    policy = load_policy()
    if not polite:
        pace = replace(policy.pace, min_delay_s=0.01, latency_factor=0.0, domain_delay_s=0.0)
        policy = replace(policy, pace=pace, address_delay_s=0.0)
    return await ask_about(places, known, replace(options, policy=policy), bootstrap(file), NOW)


def place(host: str, *ips: str, domain: str | None = None) -> Place:
    """Return a place whose host is at these addresses."""
    return Place(domain or host, host, ips)


def addresses(found: LookedUp, source: Source) -> list[str]:
    """Return the addresses that a source gave, in their order."""
    return [
        one.address
        for contacts in found.found.values()
        for one in contacts
        if one.source is source and one.address is not None
    ]


def notes(found: LookedUp, source: Source) -> list[str]:
    """Return why a source gave no address."""
    return [
        one.note
        for contacts in found.found.values()
        for one in contacts
        if one.source is source and one.note
    ]


def asked(internet: FakeInternet, host: str) -> list[str]:
    """Return what a host was asked for so far."""
    return [
        f"{request.scheme}:{request.target}" for request in internet.log() if request.host == host
    ]


async def test_the_files_of_host_and_domain(internet: FakeInternet, tmp_path: Path) -> None:
    """The host's own file comes first, then its domain's; robots.txt is asked for before either."""
    found = await looked_up(internet, tmp_path, place("img.well.test", domain="well.test"))
    mails = ["pictures@well.test", "desk@well.test", "https://well.test/abuse"]
    assert addresses(found, Source.SECURITY_TXT) == mails
    for host in ("img.well.test", "well.test"):
        assert asked(internet, host) == ["https:/robots.txt", "https:/.well-known/security.txt"]
    [first, *_] = next(iter(found.found.values()))
    assert (first.scope, first.subject) == (Scope.DOMAIN, "img.well.test")
    assert first.source_url == "https://img.well.test/.well-known/security.txt"
    assert first.seen_at == NOW


async def test_where_there_is_no_file(internet: FakeInternet, tmp_path: Path) -> None:
    """The older place is looked at; a page, a refusal and a wrong certificate give no contact."""
    hosts = (
        "old.test",
        "closed.test",
        "page.test",
        "wrong.test",
        "plain.test",
        "refused.test",
        "none.test",
    )
    found = await looked_up(internet, tmp_path, *map(place, hosts))
    assert addresses(found, Source.SECURITY_TXT) == ["desk@old.test"]
    told = notes(found, Source.SECURITY_TXT)
    assert told[0] == "its robots.txt says no"
    assert "status 404" in told
    assert any(note.startswith("its certificate does not verify") for note in told)
    assert not [one for one in asked(internet, "closed.test") if "security" in one]
    assert not found.unanswered
    assert addresses(found, Source.ABUSE_AT) == [f"abuse@{host}" for host in hosts]


async def test_a_file_that_is_somewhere_else(internet: FakeInternet, tmp_path: Path) -> None:
    """A redirect is followed, past the robots.txt of its target, and written down."""
    found = await looked_up(internet, tmp_path, place("led.test"))
    assert addresses(found, Source.SECURITY_TXT) == ["desk@well.test", "https://well.test/abuse"]
    [first, *_] = next(iter(found.found.values()))
    assert first.source_url == "https://well.test/.well-known/security.txt"


async def test_what_may_pass_is_no_answer(internet: FakeInternet, tmp_path: Path) -> None:
    """A site that is down, a broken answer and a long Retry-After are asked again the next time."""
    places = (
        place("down.test"),
        place("broken.com"),
        place("huge.com"),
        place("other.com"),
        place("slow.example", "9.9.9.9"),
    )
    found = await looked_up(internet, tmp_path, *places)
    unanswered = {question for question, _ in found.unanswered}
    domains = {Question(Kind.DOMAIN, f"{name}.com") for name in ("broken", "huge", "other")}
    assert unanswered == {
        Question(Kind.SECURITY, "down.test"),
        Question(Kind.ADDRESS, "9.9.9.9"),
        *domains,
    }
    assert asked(internet, "blocks.test").count("https:/rdap/ip/9.9.9.9") == 1


async def test_registrars(internet: FakeInternet, tmp_path: Path) -> None:
    """The registry's word, else the registrar's own, else the table's; after a 429 once more."""
    places = (place("google.com"), place("thin.com"), place("tabled.com"), place("busy.com"))
    found = await looked_up(internet, tmp_path, *places)
    by_domain = {
        one.about: (one.source, one.address, one.subject)
        for contacts in found.found.values()
        for one in contacts
        if one.scope is Scope.REGISTRAR
    }
    mail = "abusecomplaints@markmonitor.com"
    assert by_domain == {
        "google.com": (Source.RDAP, mail, "MarkMonitor Inc."),
        "thin.com": (Source.RDAP, mail, "thin.com"),
        "tabled.com": (Source.REGISTRAR_TABLE, mail, "MarkMonitor Inc."),
        "busy.com": (Source.RDAP, mail, "MarkMonitor Inc."),
    }
    assert asked(internet, "domains.test").count("https:/rdap/domain/busy.com") == 2
    assert len(asked(internet, "registrar.test")) == 1


async def test_networks(internet: FakeInternet, tmp_path: Path) -> None:
    """Addresses of one network are asked about once; another registry is followed to, by https."""
    places = (
        place("a.example", "1.1.1.1", "1.1.1.7"),
        place("b.example", "1.1.1.9", "13.64.0.1", "5.5.5.5"),
    )
    found = await looked_up(internet, tmp_path, *places)
    mails = ["helpdesk@apnic.net"] * 3 + ["abuse@microsoft.com"]
    assert addresses(found, Source.RDAP) == mails
    assert len([one for one in asked(internet, "blocks.test") if "/1.1.1." in one]) == 1
    assert asked(internet, "elsewhere.test") == ["https:/rdap/ip/13.64.0.1"]
    assert "it redirects to what is no https URL" in notes(found, Source.RDAP)
    accepted = {one.header("accept") for one in internet.log() if one.host == "blocks.test"}
    assert accepted == {"application/rdap+json, application/json;q=0.9"}


async def test_who_cannot_prove_his_name_is_no_registry(
    internet: FakeInternet, tmp_path: Path
) -> None:
    """A registry whose certificate does not verify names nobody."""
    found = await looked_up(internet, tmp_path, place("a.cz"))
    assert addresses(found, Source.RDAP) == []
    assert any("certificate" in note for note in notes(found, Source.RDAP))


async def test_nothing_is_asked_twice_a_day(internet: FakeInternet, tmp_path: Path) -> None:
    """What was answered within a day is known; later it is asked again, and till then remembered."""
    at = place("well.test", "1.1.1.1")
    known = (
        _answer(Kind.SECURITY, "well.test", "old@well.test", hours=23),
        _answer(Kind.DOMAIN, "well.test", None, hours=1),
        _answer(Kind.ADDRESS, "1.1.1.2", "desk@network.test", hours=3, subject="1.1.1.0-1.1.1.255"),
    )
    before = len(internet.log())
    found = await looked_up(internet, tmp_path, at, known=Known(dict(known), frozenset({at.key})))
    assert len(internet.log()) == before
    assert addresses(found, Source.RDAP) == ["desk@network.test"]
    stale = Known(
        dict([_answer(Kind.SECURITY, "well.test", "old@well.test", hours=25)]), frozenset()
    )
    assert addresses(remembered([at], stale, NOW), Source.SECURITY_TXT) == ["old@well.test"]
    again = await looked_up(internet, tmp_path, at, known=stale)
    assert addresses(again, Source.SECURITY_TXT)[0] == "desk@well.test"


async def test_a_registry_is_asked_once_a_second(internet: FakeInternet, tmp_path: Path) -> None:
    """By the server's log: two questions to one registry are a second apart or more."""
    before = len(internet.log())
    await looked_up(internet, tmp_path, place("google.com"), place("tabled.com"), polite=True)
    moments = [one.monotonic_s for one in internet.log()[before:] if one.host == "domains.test"]
    assert len(moments) == 2
    assert moments[1] - moments[0] >= 0.99


def _answer(
    kind: Kind, about: str, address: str | None, hours: float, subject: str | None = None
) -> tuple[Question, tuple[Contact, ...]]:
    source = Source.SECURITY_TXT if kind is Kind.SECURITY else Source.RDAP
    scope = {
        Kind.SECURITY: Scope.DOMAIN,
        Kind.DOMAIN: Scope.REGISTRAR,
        Kind.ADDRESS: Scope.NETWORK,
    }[kind]
    moment = NOW - timedelta(hours=hours)
    contact = Contact(
        scope=scope, source=source, subject=subject or about, about=about, address=address,
        source_url=None, seen_at=moment, asked_at=moment,
    )  # fmt: skip
    return Question(kind, about), (contact,)


def test_the_answers_are_what_was_recorded() -> None:
    """The registries of these tests answer what real ones did."""
    assert json.loads(recorded("domain-google.com"))["handle"] == "2138514_DOMAIN_COM-VRSN"
