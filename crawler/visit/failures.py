"""Every exception that a look can meet → an outcome and the text that is kept of it.

Room: network (its table of errors). The one place that knows the exceptions of httptools and ssl,
and those of our own look-ups; the first class of the table that fits decides, so the narrow ones come first.
"""

import asyncio
import errno
import math
import ssl
import zlib

import brotli
import httptools

from crawler.records import Outcome
from crawler.visit.codings import zstd


class AddressBlockedError(OSError):
    """The address guard refused the address that a socket was about to be connected to."""


class LookUpError(Exception):
    """A name led to no address. `asked_at` (monotonic) is when the name servers were asked, if before."""

    def __init__(self, text: str, asked_at: float = math.inf) -> None:
        super().__init__(text)
        self.asked_at = asked_at


class NoSuchNameError(LookUpError):
    """The name certainly has no address."""


class NameServersFailedError(LookUpError):
    """No name server said anything of the name that counts."""


class RefusedError(Exception):
    """A redirect could not be followed further."""


class SchemeBlockedError(RefusedError):
    """A redirect led to something that is neither http nor https."""


class BadLocationError(RefusedError):
    """A redirect led to something that is no URL."""


class TooManyRedirectsError(RefusedError):
    """More redirects than a look follows."""


class RobotsDeniedError(RefusedError):
    """The robots.txt of a host that a redirect led to asks us not to."""


class RobotsUnreachableError(RefusedError):
    """The robots.txt of a host that a redirect led to could not be read."""


class PausedElsewhereError(RefusedError):
    """A host that a redirect led to asked for a longer pause than a look waits."""


class UnreachedElsewhereError(RefusedError):
    """A host that a redirect led to could not be reached; the cause says why."""


class UnaskableError(Exception):
    """A URL that cannot be written into a request."""


class NotConnectedError(OSError):
    """No connection to the host could be made; the cause says why."""


class ConnectTimeoutError(NotConnectedError):
    """Whoever lives at the host's addresses did not answer in time."""


class HungUpError(Exception):
    """The connection ended, or was no longer of use, before there was an answer."""


class CutOffError(Exception):
    """The connection ended before the body did."""


class BadAnswerError(Exception):
    """What came is no HTTP, or too much of it."""


class SilentError(TimeoutError):
    """Nothing came for as long as a server may be silent."""


class TooLargeError(Exception):
    """The body is, or says it is, larger than the limit, on the wire or decoded."""


class TruncatedError(Exception):
    """The body ended before its content coding did."""


class UnknownCodingError(Exception):
    """A content coding that stillup cannot undo."""


_TABLE: tuple[tuple[type[BaseException], Outcome], ...] = (
    (NoSuchNameError, Outcome.DNS_NOT_FOUND),
    (LookUpError, Outcome.DNS_FAILURE),
    (AddressBlockedError, Outcome.ADDRESS_BLOCKED),
    (SchemeBlockedError, Outcome.ADDRESS_BLOCKED),
    (TooManyRedirectsError, Outcome.TOO_MANY_REDIRECTS),
    (RobotsDeniedError, Outcome.ROBOTS_DENIED),
    (RobotsUnreachableError, Outcome.ROBOTS_UNREACHABLE),
    (BadLocationError, Outcome.PROTOCOL_ERROR),
    (PausedElsewhereError, Outcome.RATE_LIMITED),
    (TooLargeError, Outcome.TOO_LARGE),
    (TruncatedError, Outcome.TRUNCATED),
    (UnknownCodingError, Outcome.BAD_ENCODING),
    (zlib.error, Outcome.BAD_ENCODING),
    (brotli.error, Outcome.BAD_ENCODING),
    (zstd.ZstdError, Outcome.BAD_ENCODING),
    (UnaskableError, Outcome.URL_INVALID),
    (BadAnswerError, Outcome.PROTOCOL_ERROR),
    (HungUpError, Outcome.PROTOCOL_ERROR),
    (CutOffError, Outcome.TRUNCATED),
    (ConnectTimeoutError, Outcome.CONNECT_TIMEOUT),
    (NotConnectedError, Outcome.CONNECT_FAILED),
    (httptools.HttpParserError, Outcome.PROTOCOL_ERROR),
    (ssl.SSLError, Outcome.TLS_FAILED),
    (TimeoutError, Outcome.TIMEOUT),
    (ConnectionRefusedError, Outcome.CONNECT_REFUSED),
    (OSError, Outcome.PROTOCOL_ERROR),
)

# No connection, so nobody was asked anything.
_UNREACHED = {
    Outcome.DNS_NOT_FOUND,
    Outcome.DNS_FAILURE,
    Outcome.CONNECT_REFUSED,
    Outcome.CONNECT_TIMEOUT,
    Outcome.CONNECT_FAILED,
    Outcome.TLS_FAILED,
    Outcome.ADDRESS_BLOCKED,
}

_BY_ERRNO = {errno.ECONNREFUSED: Outcome.CONNECT_REFUSED, errno.ETIMEDOUT: Outcome.CONNECT_TIMEOUT}


def outcome_of_error(error: BaseException) -> Outcome:
    """Return the outcome of an exception that a look raised; it is never a silent guess.

    Raises the exception itself when no row of the table fits: that is a defect of ours.
    """
    for cause in _chain(error):
        if isinstance(cause, AddressBlockedError):
            return Outcome.ADDRESS_BLOCKED
    if isinstance(error, UnreachedElsewhereError) and error.__cause__ is not None:
        return outcome_of_error(error.__cause__)
    if isinstance(error, NotConnectedError) and error.errno in _BY_ERRNO:
        return _BY_ERRNO[error.errno]
    for kind, outcome in _TABLE:
        if isinstance(error, kind):
            return outcome
    raise error


def unreached(error: BaseException | None) -> bool:
    """Tell whether an error means that no connection to the host was made."""
    return error is not None and outcome_of_error(error) in _UNREACHED


def describe(error: BaseException) -> str:
    """Return the class and text of an error's root cause, on one line of at most 300 characters."""
    # A deadline is a cancellation inside: what is to be said is that it was the deadline's.
    known = [one for one in _chain(error) if not isinstance(one, asyncio.CancelledError)]
    cause = known[-1] if known else error
    text = " ".join(str(cause).split()).encode("utf-8", "replace").decode()
    return f"{type(cause).__name__}: {text}"[:300] if text else type(cause).__name__


def _chain(error: BaseException) -> list[BaseException]:
    """Return the error and what caused it, outermost first."""
    found = [error]
    while (cause := found[-1].__cause__) is not None and cause not in found:
        found.append(cause)
    return found
