"""The small rules of a report: mail addresses, recipients, groups."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.report.grouping import grouped
from analysis.report.hosting import Contact
from analysis.report.mailbox import mailbox
from analysis.report.recipients import recipients
from tests.analysis.report.reports import reported_link
from tests.analysis.runs import START


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("abuse@example.org", "abuse@example.org"),
        (" Abuse+x@EXAMPLE.org ", "Abuse+x@example.org"),
        ("abuse@bücher.example", "abuse@xn--bcher-kva.example"),
        ("abuse@192.0.2.1", None),
        ("abuse@localhost", None),
        ("abuse@a_b.test", None),
        ("abuse", None),
        ("a b@example.org", None),
        ('"a"@example.org', None),
        ("a@example.org, b@example.org", None),
        ("a@example.org\r\nBcc: b@example.org", None),
        ("a@exa\u202emple.org", None),
        ("ä@example.org", None),
        ("https://example.org/abuse", None),
        (f"{'a' * 65}@example.org", None),
        (f"a@{'b' * 64}.org", None),
    ],
)
def test_only_plain_addresses_are_taken(text: str, wanted: str | None) -> None:
    """An address is taken in one spelling; whatever could be more than one address is not."""
    assert mailbox(text) == wanted


@given(st.text())
def test_an_address_is_fit_for_a_header(text: str) -> None:
    """Whatever is taken is ASCII without a space, a comma, a bracket or a line end, and taken again."""
    found = mailbox(text)
    if found is not None:
        assert found.isascii()
        assert not set(found) & set(' ,;:<>()[]"\\\r\n')
        assert mailbox(found) == found


def contact(rank: int, scope: str, address: str) -> Contact:
    return Contact("a.test", rank, scope, address, "rdap", None, START + timedelta(days=rank))


def addresses(*found: Contact, given_: tuple[str, ...] = ()) -> list[str]:
    return [one.address for one in recipients(found, ["a.test"], given_)]


def test_domain_and_network_are_written_to_together() -> None:
    """Domain and network come before registrar and convention; what the sender gave before all."""
    domain, network = contact(1, "domain", "d@a.test"), contact(2, "network", "n@net.test")
    registrar, usual = (
        contact(3, "registrar", "r@reg.test"),
        contact(4, "convention", "abuse@a.test"),
    )
    assert addresses(domain, network, registrar, usual) == ["d@a.test", "n@net.test"]
    assert addresses(registrar, usual) == ["r@reg.test"]
    assert addresses(usual) == ["abuse@a.test"]
    assert addresses() == ["abuse@a.test"]
    assert addresses(domain, given_=("x@y.test",)) == ["x@y.test"]


def test_a_site_cannot_crowd_out_its_network() -> None:
    """However many desks a site names of itself, the network's are written to; and the other way."""
    own = [contact(n, "domain", f"d{n}@a.test") for n in range(1, 9)]
    net = [contact(n, "network", f"n{n}@net.test") for n in range(9, 12)]
    assert addresses(*own, *net) == ["d1@a.test", "d2@a.test", "n9@net.test", "n10@net.test"]
    assert addresses(*own, net[0]) == ["d1@a.test", "d2@a.test", "d3@a.test", "n9@net.test"]
    assert addresses(own[0], *net) == ["d1@a.test", "n9@net.test", "n10@net.test", "n11@net.test"]
    assert addresses(*own) == ["d1@a.test", "d2@a.test", "d3@a.test", "d4@a.test"]


def test_what_is_no_mail_address_is_passed_over() -> None:
    """A form, a second spelling and a hostile address are not written to."""
    form, evil = contact(1, "domain", "https://a.test/form"), contact(2, "network", "x@y\r\nBcc: z")
    again = contact(3, "network", "N@NET.test"), contact(4, "network", "N@net.TEST")
    assert addresses(form, evil, *again) == ["N@net.test"]
    assert addresses(form, evil) == ["abuse@a.test"]


@given(st.lists(st.text("ab/?.", max_size=12), min_size=1, max_size=80), st.integers(1, 8))
def test_groups_hold_every_link(paths: list[str], most: int) -> None:
    """Groups are never more than asked for, hold every link once, and begin with what they say."""
    links = [reported_link(n, url=f"http://a.test/{path}") for n, path in enumerate(paths)]
    groups = grouped(links, most)
    assert 1 <= len(groups) <= most
    assert sum(group.links for group in groups) == len(links)
    assert all(group.example.startswith(group.prefix) for group in groups)


def test_many_hosts_end_in_one_group() -> None:
    """Where the hosts alone are too many the last group holds the others."""
    links = [reported_link(n, url=f"http://h{n % 9}.test/{n}.jpg") for n in range(27)]
    groups = grouped(links, 4)
    assert [group.links for group in groups] == [3, 3, 3, 18]
    assert groups[-1].prefix == ""
