"""RDAP answers: real ones, broken ones, and what is held back."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.contacts.rdap_answer import RDAP_BYTES, RdapAnswer, read_card, read_rdap

VECTORS = Path(__file__).parents[1] / "vectors" / "rdap"
NETWORKS = {
    ("ip-1.1.1.1", "1.1.1.1"): ("1.1.1.0-1.1.1.255", ("helpdesk@apnic.net",)),
    ("ip-130.59.0.0", "130.59.3.4"): ("130.59.0.0-130.59.255.255", ("abuse@switch.ch",)),
    # ARIN nests the desk in the organisation that the range is registered to.
    ("ip-13.64.0.0", "13.64.0.1"): ("13.64.0.0-13.107.255.255", ("abuse@microsoft.com",)),
    # The desk that is for abuse alone comes before the one that is for everything.
    ("ip-2001-4860", "2001:4860::1"): (
        "2001:4860::-2001:4860:ffff:ffff:ffff:ffff:ffff:ffff",
        ("network-abuse@google.com", "arin-contact@google.com"),
    ),
}
REGISTRARS = {
    ("domain-google.com", "google.com"): (
        "MarkMonitor Inc.", 292, ("abusecomplaints@markmonitor.com",),
    ),
    ("domain-google.com-markmonitor", "google.com"): (
        None, 292, ("abusecomplaints@markmonitor.com",),
    ),
    ("domain-norway.no", "norway.no"): ("Domeneshop AS", None, ()),
    ("domain-themarquetry.com", "themarquetry.com"): (
        "Hosting Concepts B.V. d/b/a Registrar.eu", 1647, ("abuse@registrar.eu",),
    ),
}  # fmt: skip


def vector(name: str) -> bytes:
    """Return a recorded answer."""
    return (VECTORS / f"{name}.json").read_bytes()


def told(body: bytes, about: str) -> RdapAnswer:
    """Return what an answer tells; it must be one."""
    answer = read_rdap(body, about)
    assert isinstance(answer, RdapAnswer), answer
    return answer


def card(*properties: list[Any]) -> list[Any]:
    """Return a jCard."""
    return ["vcard", [["version", {}, "text", "4.0"], *properties]]


def network(**members: Any) -> bytes:
    """Return an answer about 192.0.2.0 to 192.0.2.255."""
    ends = {"startAddress": "192.0.2.0", "endAddress": "192.0.2.255"}
    return json.dumps({"objectClassName": "ip network", **ends, **members}).encode()


def desk(*properties: list[Any], **members: Any) -> dict[str, Any]:
    """Return an abuse entity with these properties on its card."""
    return {"roles": ["abuse"], "vcardArray": card(*properties), **members}


@pytest.mark.parametrize(("name", "about"), NETWORKS)
def test_networks(name: str, about: str) -> None:
    """The range and the abuse desk of real answers, wherever the desk is nested."""
    answer = told(vector(name), about)
    assert (answer.subject, answer.abuse) == NETWORKS[name, about]


@pytest.mark.parametrize(("name", "about"), REGISTRARS)
def test_registrars(name: str, about: str) -> None:
    """The registrar of real answers, and its own desk; nobody else's address."""
    answer = told(vector(name), about)
    assert answer.registrar is not None
    found = answer.registrar
    assert (found.name, found.iana_id, found.abuse) == REGISTRARS[name, about]
    assert answer.abuse == ()


def test_where_more_is_told() -> None:
    """A registry says where the registrar's own answer is; links to pages are left alone."""
    answer = told(vector("domain-google.com"), "google.com")
    assert answer.related == ("https://rdap.markmonitor.com/rdap/domain/GOOGLE.COM",)
    assert told(vector("ip-1.1.1.1"), "1.1.1.1").related == ()


def test_an_answer_about_something_else_is_none() -> None:
    """A server cannot name itself the contact of what it was not asked about."""
    assert isinstance(read_rdap(vector("ip-1.1.1.1"), "8.8.8.8"), str)
    assert isinstance(read_rdap(vector("ip-1.1.1.1"), "::ffff:1.1.1.1"), str)
    assert isinstance(read_rdap(vector("domain-google.com"), "example.com"), str)
    assert isinstance(read_rdap(vector("entity-1-VRSN"), "example.com"), str)


@pytest.mark.parametrize(
    "name",
    ["xn--strae-oqa.de", "xn--fa-hia.de", "xn--999999b.test", "xn--a.test", "xn--mnchen-3ya.de"],
)
def test_a_name_in_another_script_is_read_whatever_it_spells(name: str) -> None:
    """Names that only newer IDNA knows (straße.de), and ones that spell nothing, break no look-up."""
    body = json.dumps({"objectClassName": "domain", "ldhName": f"{name.upper()}."}).encode()
    assert told(body, name).subject == name


def test_a_name_may_be_written_in_its_own_script() -> None:
    """A registry that gives the unicode name alone speaks of the same domain."""
    body = json.dumps({"objectClassName": "domain", "unicodeName": "Straße.de"}).encode()
    assert told(body, "xn--strae-oqa.de").subject == "xn--strae-oqa.de"
    assert isinstance(read_rdap(body, "strasse.de"), str)


@pytest.mark.parametrize("path", sorted(VECTORS.rglob("*.json")), ids=lambda path: path.stem)
def test_broken_answers_end_in_a_sentence(path: Path) -> None:
    """Cards and files with every kind of fault are read or refused, and never raise."""
    body = path.read_bytes()
    assert isinstance(read_rdap(body, "example.cz"), str | RdapAnswer)
    assert isinstance(read_card(body), tuple)
    if path.parent.name == "jcard":
        try:
            broken = json.loads(body)
        except ValueError:
            return
        entities = [
            {"roles": ["abuse"], "vcardArray": broken},
            desk(["email", {}, "text", "a@b.test"]),
        ]
        assert "a@b.test" in told(network(entities=entities), "192.0.2.1").abuse


def test_the_preferred_address_comes_first() -> None:
    """PREF orders a card's mailboxes; forms come after them, and what is no address is left out."""
    mails = (
        ["email", {"pref": "2"}, "text", "second@b.test"],
        ["email", {}, "text", "last@b.test"],
        ["EMAIL", {"pref": 1}, "text", "first@b.test"],
        ["email", {"pref": ["1"]}, "text", "not an address"],
        ["contact-uri", {}, "uri", "https://b.test/abuse"],
        ["tel", {}, "uri", "tel:+1"],
        ["email", {"pref": "0001" + "0" * 5000}, "text", "last@b.test"],
    )
    answer = told(network(entities=[desk(*mails)]), "192.0.2.1")
    assert answer.abuse == ("first@b.test", "second@b.test", "last@b.test", "https://b.test/abuse")


def test_a_desk_without_a_card_is_asked_for() -> None:
    """An abuse entity that is only named says where its card is."""
    link = {"rel": "self", "href": "https://rdap.test/entity/A", "type": "application/rdap+json"}
    entities = [{"roles": ["abuse"], "handle": "A", "links": [link]}]
    assert told(network(entities=entities), "192.0.2.1").cards == ("https://rdap.test/entity/A",)
    del link["type"]  # as RIPE writes them
    assert told(network(entities=entities), "192.0.2.1").cards == ("https://rdap.test/entity/A",)
    assert read_card(
        json.dumps({"vcardArray": card(["email", {}, "text", "a@b.test"])}).encode()
    ) == ("a@b.test",)


@pytest.mark.parametrize(
    ("method", "abuse"),
    [
        ("removal", ()),
        ("emptyValue", ()),
        ("partialValue", ("https://b.test/abuse",)),
        ("replacementValue", ("a***@b.test", "https://b.test/abuse")),
    ],
)
def test_what_is_held_back(method: str, abuse: tuple[str, ...]) -> None:
    """RFC 9537: what is gone is said to be held back, and half an address is none."""
    shown = {"removal": [], "emptyValue": [["email", {}, "text", ""]]}
    cards = shown.get(
        method,
        [["email", {}, "text", "a***@b.test"], ["contact-uri", {}, "uri", "https://b.test/abuse"]],
    )
    redacted = {
        "name": {"description": "Abuse contact"},
        "postPath": "$.entities[?(@.roles[0]=='abuse')].vcardArray[1][?(@[0]=='email')][3]",
        "method": method,
    }
    answer = told(network(entities=[desk(*cards)], redacted=[redacted]), "192.0.2.1")
    assert (answer.abuse, answer.held_back) == (abuse, True)


def test_what_is_held_back_of_others() -> None:
    """That a registrant's address is held back says nothing of the desk, whose own is there."""
    redacted = [
        {"name": {"type": "Registrant Email"}, "method": "partialValue"},
        {
            "name": {"description": "Tech Email"},
            "prePath": "$.entities[?(@.roles[0]=='technical')]",
        },
        "nonsense",
        {"name": None, "method": 5},
    ]
    answer = told(
        network(entities=[desk(["email", {}, "text", "a@b.test"])], redacted=redacted), "192.0.2.1"
    )
    assert (answer.abuse, answer.held_back) == (("a@b.test",), False)


def test_nobody_is_read_without_end() -> None:
    """Entities in entities, and more of them than anybody has, are read up to a bound."""
    nested: dict[str, Any] = desk(["email", {}, "text", "deep@b.test"])
    for _ in range(50):
        nested = {"roles": ["technical"], "entities": [nested]}
    many = [desk(["email", {}, "text", f"a{n}@b.test"]) for n in range(2000)]
    answer = told(network(entities=[nested, *many]), "192.0.2.1")
    assert len(answer.abuse) == 10
    assert "deep@b.test" not in answer.abuse
    assert isinstance(read_rdap(b"[" * 100_000, "192.0.2.1"), str)
    assert isinstance(read_rdap(b" " * RDAP_BYTES, "192.0.2.1"), str)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=20,
)
MEMBERS = (
    "entities",
    "roles",
    "vcardArray",
    "links",
    "redacted",
    "publicIds",
    "ldhName",
    "unicodeName",
    "objectClassName",
    "startAddress",
)


@given(st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=6), JSON)
def test_any_json_is_read_or_refused(members: dict[str, Any], inner: Any) -> None:
    """Whatever is where a card, a role or a link should be, no answer breaks the reader."""
    for body in (
        network(**{**members, "startAddress": "192.0.2.0"}),
        network(
            entities=[{**members, "roles": ["abuse", "registrar"], "vcardArray": ["vcard", inner]}]
        ),
        json.dumps({"ldhName": "a.test", **members, "objectClassName": "domain"}).encode(),
        json.dumps(inner).encode(),
    ):
        for about in ("192.0.2.1", "a.test"):
            assert isinstance(read_rdap(body, about), str | RdapAnswer)
        assert isinstance(read_card(body), tuple)
