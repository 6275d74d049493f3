"""Hosts whose names do not resolve, or resolve to what must not be connected to.

Room: pure rules.
"""

from crawler.records import Outcome
from tests.internet.behaviours.behaviour import Behaviour, expect, registered
from tests.internet.host import NODATA, NXDOMAIN, OWN, SERVFAIL, SILENT, Lookup


@registered
class NxDomain(Behaviour):
    """The name does not exist."""

    name = "nxdomain"
    lookup = NXDOMAIN
    expects = expect(Outcome.DNS_NOT_FOUND)


@registered
class NoData(Behaviour):
    """The name exists and has no address."""

    name = "nodata"
    lookup = NODATA
    expects = expect(Outcome.DNS_NOT_FOUND)


@registered
class ServFail(Behaviour):
    """The name server fails."""

    name = "servfail"
    lookup = SERVFAIL
    expects = expect(Outcome.DNS_FAILURE)


@registered
class DnsSilent(Behaviour):
    """The name server never answers for this name."""

    name = "dns-silent"
    lookup = SILENT
    expects = expect(Outcome.DNS_FAILURE)


@registered
class DnsTruncated(Behaviour):
    """The name server answers over UDP only that the answer is too long for it."""

    name = "dns-truncated"
    lookup = Lookup(addresses=(OWN,), truncated=True)
    expects = expect(Outcome.OK, 200)


@registered
class DnsPrivate(Behaviour):
    """The name leads to an address of the network behind whoever asks."""

    name = "dns-private"
    lookup = Lookup(addresses=("10.0.0.1",))
    expects = expect(Outcome.ADDRESS_BLOCKED)


@registered
class DnsMapped(Behaviour):
    """The name leads to a private IPv4 address in the clothes of IPv6 (RFC 4291, 2.5.5.2)."""

    name = "dns-mapped"
    lookup = Lookup(addresses_v6=("::ffff:10.0.0.1",))
    expects = expect(Outcome.ADDRESS_BLOCKED)
