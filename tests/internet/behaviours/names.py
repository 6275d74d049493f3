"""Hosts whose names do not resolve, or resolve to what must not be connected to.

Room: pure rules.
"""

from crawler.records import Outcome
from tests.internet.behaviours.behaviour import PICTURE, Behaviour, Expectation, expect, registered
from tests.internet.host import NODATA, NXDOMAIN, OWN, SERVFAIL, SILENT, Listening, Lookup
from tests.internet.places import has_ipv6


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


@registered
class DnsChain(Behaviour):
    """The name is an alias of an alias of a name with an address."""

    name = "dns-chain"
    plain = False
    lookup = Lookup(addresses=(OWN,), aliases=((b"www", b"chain"), (b"a1", b"cdn", b"chain")))
    expects = expect(Outcome.OK, 200)


@registered
class DnsLoop(Behaviour):
    """The name is an alias of a name that is an alias of the first."""

    name = "dns-loop"
    lookup = Lookup(aliases=((b"other", b"test"), (b"dns-loop", b"test")))
    expects = expect(Outcome.DNS_NOT_FOUND)


@registered
class DnsHostileAlias(Behaviour):
    """The name is an alias of one with an escape sequence, a quote and a path in it."""

    name = "dns-hostile-alias"
    plain = False
    lookup = Lookup(
        addresses=(OWN,),
        aliases=((b"\x1b[31m'; drop table links; --", b"../../etc/passwd", b"test"),),
    )
    expects = expect(Outcome.OK, 200)


@registered
class DnsChanges(Behaviour):
    """The name leads here at the first question and to nobody at the second."""

    name = "dns-changes"
    plain = False
    lookup = Lookup(addresses=(OWN,), ttl_s=0, later=Lookup(addresses=("10.0.0.1",)))
    expects = tuple(
        Expectation(outcome=Outcome.OK, status=200, path=path) for path in (PICTURE, "/second.jpg")
    )


@registered
class DnsWildcard(Behaviour):
    """Every name of the domain leads here (RFC 4592)."""

    name = "dns-wildcard"
    lookup = Lookup(addresses=(OWN,))
    expects = expect(Outcome.OK, 200)

    def __init__(self) -> None:
        """Answer to whatever is asked for."""
        super().__init__()
        self.names = ("dns-wildcard.test", "*.dns-wildcard.test")

    @classmethod
    def expectations(cls) -> list[tuple[str, Expectation]]:
        """Return a URL at a name that nobody has registered."""
        return [(f"http://x7f3.dns-wildcard.test{PICTURE}", cls.expects[0])]


@registered
class DnsManyAddresses(Behaviour):
    """The name has five addresses, of which only the last answers."""

    name = "dns-many-addresses"
    listening = Listening.OWN_ADDRESS
    lookup = Lookup(addresses=(*(f"127.99.0.{last}" for last in range(1, 5)), OWN))
    expects = expect(Outcome.OK, 200)


@registered
class DnsPrivateAndPublic(Behaviour):
    """The name has two addresses, of which one is of the network behind whoever asks."""

    name = "dns-private-and-public"
    lookup = Lookup(addresses=("10.0.0.1", OWN))
    expects = expect(Outcome.OK, 200)


@registered
class DnsIpv6Only(Behaviour):
    """The name has an IPv6 address and no other."""

    name = "dns-ipv6-only"
    lookup = Lookup(addresses_v6=("::1",))
    expects = expect(Outcome.OK if has_ipv6() else Outcome.CONNECT_FAILED)
