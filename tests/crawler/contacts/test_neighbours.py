"""One answer about a network is enough for all of its addresses."""

from datetime import UTC, datetime
from ipaddress import ip_address

from hypothesis import given
from hypothesis import strategies as st

from crawler.contacts.neighbours import networks
from crawler.records.contact import Contact, Scope, Source

AT = datetime(2026, 1, 1, tzinfo=UTC)
SPANS = st.lists(st.tuples(st.sampled_from((4, 6)), st.integers(0, 40), st.integers(0, 40)))


def _told(version: int, first: int, last: int) -> tuple[Contact, ...]:
    subject = f"{_address(version, min(first, last))}-{_address(version, max(first, last))}"
    contact = Contact(
        scope=Scope.NETWORK, source=Source.RDAP, subject=subject, about=subject.partition("-")[0],
        address=f"abuse-{version}-{first}-{last}@net.test", source_url=None, seen_at=AT, asked_at=AT,
    )  # fmt: skip
    return (contact,)


def _address(version: int, number: int) -> str:
    return str(ip_address(number + (0x0A000000 if version == 4 else 0x2001 << 112)))


@given(SPANS, st.sampled_from((4, 6)), st.integers(0, 40))
def test_the_smallest_network_that_holds_an_address_speaks_for_it(
    spans: list[tuple[int, int, int]], version: int, number: int
) -> None:
    """Of all networks told of, the smallest one with the address in it; none of the other version."""
    holding = [
        abs(last - first)
        for family, first, last in spans
        if family == version and min(first, last) <= number <= max(first, last)
    ]
    found = networks(_told(*span) for span in spans).of(_address(version, number))
    assert bool(found) == bool(holding)
    for one in found:
        first, _, last = one.subject.partition("-")
        assert int(ip_address(last)) - int(ip_address(first)) == min(holding)
        assert one.about == _address(version, number)
