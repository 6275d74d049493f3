"""Every exception that a look can meet has an outcome."""

import asyncio
import builtins
import errno
import inspect
import socket
import ssl
from types import SimpleNamespace
from typing import Any

import httptools
import pytest

from crawler.records import Outcome
from crawler.visit import failures
from crawler.visit.failures import describe, outcome_of_error


def made(kind: type[BaseException]) -> BaseException:
    """Make an exception of any kind that httptools, ssl or we ourselves may raise."""
    return kind("reason")


def kinds_of(module: Any, base: type[BaseException]) -> list[type[BaseException]]:
    """Return the exception classes of a module."""
    found = [value for _, value in inspect.getmembers(module, inspect.isclass)]
    return [kind for kind in found if issubclass(kind, base)]


PARSER = kinds_of(httptools, httptools.HttpParserError)
SSL = kinds_of(ssl, ssl.SSLError)
SYSTEM = [*kinds_of(builtins, OSError), socket.gaierror]
OURS = kinds_of(failures, Exception)


@pytest.mark.parametrize("kind", [*PARSER, *SSL, *SYSTEM, *OURS], ids=lambda kind: kind.__name__)
def test_every_exception_has_an_outcome(kind: type[BaseException]) -> None:
    """No exception of httptools, ssl, the system or ours is without an outcome or a description."""
    error = made(kind)
    if kind is failures.UnreachedElsewhereError:
        error.__cause__ = ConnectionRefusedError(errno.ECONNREFUSED, "refused")
    if kind is failures.RefusedError:
        pytest.skip("the base of the refusals; never raised itself")
    assert outcome_of_error(error) in Outcome
    assert describe(error)


def test_only_a_name_that_is_denied_is_not_found() -> None:
    """A missing name is not found; every other trouble of a look-up is a failure."""
    assert outcome_of_error(failures.NoSuchNameError("no such name")) is Outcome.DNS_NOT_FOUND
    failed = failures.NameServersFailedError("the name server says REFUSED")
    assert outcome_of_error(failed) is Outcome.DNS_FAILURE


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (OSError(errno.ECONNREFUSED, "refused"), Outcome.CONNECT_REFUSED),
        (OSError(errno.ETIMEDOUT, "timed out"), Outcome.CONNECT_TIMEOUT),
        (OSError(errno.EHOSTUNREACH, "no route"), Outcome.CONNECT_FAILED),
        (failures.AddressBlockedError("10.0.0.1"), Outcome.ADDRESS_BLOCKED),
    ],
)
def test_what_stood_in_the_way_of_a_connection(error: OSError, outcome: Outcome) -> None:
    """A connection that could not be made is told apart by its cause."""
    wrapped = failures.NotConnectedError(error.errno, str(error))
    wrapped.__cause__ = error
    assert outcome_of_error(wrapped) is outcome


def test_a_defect_of_ours_is_no_outcome() -> None:
    """An exception that no row of the table fits is raised, not guessed at."""
    with pytest.raises(ZeroDivisionError):
        outcome_of_error(ZeroDivisionError())


def test_descriptions_are_one_bounded_line() -> None:
    """What a stranger's server makes an error say cannot break a line or fill a row."""
    cause = ValueError("line one\nline two\r\n" + "x" * 1000)
    error = SimpleNamespace(error=RuntimeError("outer")).error
    error.__cause__ = cause
    text = describe(error)
    assert text.startswith("ValueError: line one line two x")
    assert "\n" not in text
    assert len(text) == 300


def test_descriptions_are_valid_unicode() -> None:
    """Bytes of a server that are no characters do not get into a table as half of one."""
    text = describe(ValueError("reason \udcff\ud83d"))
    assert text == "ValueError: reason ??"


async def test_a_deadline_is_described_as_one() -> None:
    """What a deadline cancelled is described by the deadline, not by the cancellation."""
    with pytest.raises(TimeoutError) as caught:
        async with asyncio.timeout(0):
            await asyncio.sleep(1)
    assert describe(caught.value) == "TimeoutError"
