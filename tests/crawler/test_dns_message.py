"""DNS messages: what is asked, what is read of an answer, and that no bytes do harm."""

import contextlib

import dnslib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.dns_message import BadMessageError, BadNameError, Kind, question, reply

LABELS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=63)
NAMES = st.lists(LABELS, min_size=1, max_size=3).map(".".join)
ASKED = question(7, "a.test", Kind.A)


def answered(*records: str, rcode: str = "NOERROR", authority: tuple[str, ...] = ()) -> bytes:
    """Return an answer to `ASKED` with records in the language of zone files."""
    made = dnslib.DNSRecord.parse(ASKED).reply()
    made.header.rcode = getattr(dnslib.RCODE, rcode)
    for text in records:
        made.add_answer(*dnslib.RR.fromZone(text))
    for text in authority:
        made.add_auth(*dnslib.RR.fromZone(text))
    packed: bytes = made.pack()
    return packed


@given(st.integers(0, 65_535), NAMES, st.sampled_from([Kind.A, Kind.AAAA]), st.booleans())
def test_another_library_reads_the_question(number: int, name: str, kind: Kind, edns: bool) -> None:
    """A question is a standard one, with recursion wanted."""
    parsed = dnslib.DNSRecord.parse(question(number, name, kind, edns=edns))
    assert (parsed.header.id, parsed.q.qtype, parsed.header.rd) == (number, kind, 1)
    assert str(parsed.q.qname).removesuffix(".") == name
    assert bool(parsed.ar) == edns


@pytest.mark.parametrize("name", ["", "a..b", ".a", "a" * 64, ".".join(["a" * 63] * 4)])
def test_a_name_that_dns_cannot_hold_is_refused(name: str) -> None:
    """No message is made of it."""
    with pytest.raises(BadNameError):
        question(1, name, Kind.A)


def test_aliases_are_followed_and_the_shortest_life_counts() -> None:
    """Addresses are those at the end of the chain, in whatever order its records come."""
    message = answered(
        "c.test. 30 A 192.0.2.2",
        "A.test. 60 CNAME b.test.",
        "b.test. 20 CNAME C.test.",
        "other.test. 1 A 192.0.2.9",
    )
    assert reply(message, ASKED).addresses == ("192.0.2.2",)
    assert reply(message, ASKED).lives_s == 20


def test_aliases_that_lead_round_end() -> None:
    """A loop of aliases has no address."""
    looping = reply(answered("a.test. 60 CNAME b.test.", "b.test. 60 CNAME a.test."), ASKED)
    assert looping.says_no


@pytest.mark.parametrize(("ttl_s", "minimum_s"), [(300, 60), (60, 300)])
def test_a_denial_lives_as_its_zone_says(ttl_s: int, minimum_s: int) -> None:
    """The lesser of the SOA's own life and its minimum (RFC 2308, 5)."""
    soa = f"test. {ttl_s} IN SOA ns.test. who.test. 1 2 3 4 {minimum_s}"
    for rcode in ("NXDOMAIN", "NOERROR"):
        said = reply(answered(rcode=rcode, authority=(soa,)), ASKED)
        assert (said.says_no, said.lives_s) == (True, 60)
    assert reply(answered(rcode="NXDOMAIN"), ASKED).lives_s is None


def test_a_server_that_refers_says_nothing_of_the_name() -> None:
    """Name servers without an SOA are no denial (RFC 2308, 2.2)."""
    assert reply(answered(authority=("test. 60 NS ns.test.",)), ASKED).failed


@given(st.binary(max_size=600))
def test_any_bytes_are_an_answer_or_none(garbage: bytes) -> None:
    """Nothing but BadMessageError comes of them, however they begin."""
    for message in (garbage, ASKED[:2] + b"\x81\x80" + garbage, answered()[:28] + garbage):
        with contextlib.suppress(BadMessageError):
            reply(message, ASKED)


@given(st.data())
def test_a_damaged_answer_is_an_answer_or_none(data: st.DataObject) -> None:
    """The same for an answer of which some bytes were changed or lost."""
    soa = "test. 60 IN SOA ns.test. who.test. 1 2 3 4 5"
    message = bytearray(
        answered("a.test. 60 CNAME b.test.", "b.test. 60 A 192.0.2.2", authority=(soa,))
    )
    for _ in range(data.draw(st.integers(0, 4))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(message)))
    with contextlib.suppress(BadMessageError):
        reply(bytes(message[:cut]), ASKED)


def test_an_answer_to_something_else_is_none() -> None:
    """Another number, another name, another kind and a question are no answer."""
    others = [question(8, "a.test", Kind.A), question(7, "b.test", Kind.A)]
    for asked in [*others, question(7, "a.test", Kind.AAAA)]:
        with pytest.raises(BadMessageError):
            reply(answered("a.test. 60 A 192.0.2.2"), asked)
    with pytest.raises(BadMessageError):
        reply(ASKED, ASKED)
