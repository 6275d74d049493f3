"""Hosts whose TLS is not to be trusted, or is no TLS.

Room: pure rules.
"""

from crawler.records import Outcome
from tests.internet.behaviours.behaviour import Behaviour, Expectation, expect, registered
from tests.internet.host import Certificate, Listening

_OK_IN_DOUBT = (Expectation(outcome=Outcome.OK, status=200, tls_problem=True),)


@registered
class TlsTrusted(Behaviour):
    """A certificate as it should be."""

    name = "tls-trusted"
    scheme = "https"
    expects = expect(Outcome.OK, 200)


@registered
class TlsExpired(Behaviour):
    """A certificate that ended a year ago."""

    name = "tls-expired"
    scheme = "https"
    certificate = Certificate.EXPIRED
    expects = _OK_IN_DOUBT


@registered
class TlsWrongName(Behaviour):
    """A certificate for another name."""

    name = "tls-wrong-name"
    scheme = "https"
    certificate = Certificate.WRONG_NAME
    expects = _OK_IN_DOUBT


@registered
class TlsSelfSigned(Behaviour):
    """A certificate that it signed itself."""

    name = "tls-self-signed"
    scheme = "https"
    certificate = Certificate.SELF_SIGNED
    expects = _OK_IN_DOUBT


@registered
class TlsUnknownCa(Behaviour):
    """A certificate of a CA that nobody knows."""

    name = "tls-unknown-ca"
    scheme = "https"
    certificate = Certificate.UNKNOWN_CA
    expects = _OK_IN_DOUBT


@registered
class TlsPlainText(Behaviour):
    """Plain HTTP on the TLS port."""

    name = "tls-plain-text"
    scheme = "https"
    listening = Listening.PLAIN_ON_TLS
    expects = expect(Outcome.TLS_FAILED)


@registered
class TlsNotYetValid(Behaviour):
    """A certificate that begins next year."""

    name = "tls-not-yet-valid"
    scheme = "https"
    certificate = Certificate.NOT_YET_VALID
    expects = _OK_IN_DOUBT


@registered
class TlsOld(Behaviour):
    """Nothing newer than TLS 1.1, which nobody speaks any more (RFC 8996)."""

    name = "tls-old"
    scheme = "https"
    listening = Listening.OLD_TLS
    expects = expect(Outcome.TLS_FAILED)


@registered
class TlsStalls(Behaviour):
    """Takes the connection and never says a word of the handshake."""

    name = "tls-stalls"
    scheme = "https"
    listening = Listening.SILENT
    expects = expect(Outcome.CONNECT_TIMEOUT)
