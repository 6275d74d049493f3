"""Statuses → outcomes."""

import pytest

from crawler.outcomes import asks_to_slow_down, is_redirect, outcome_of_status
from crawler.records import Outcome

CASES = {
    Outcome.OK: [200, 203, 204, 206, 226, 299],
    Outcome.NOT_MODIFIED: [304],
    Outcome.GONE: [404, 410],
    Outcome.DENIED: [401, 402, 403, 405, 406, 407, 451, 999],
    Outcome.RATE_LIMITED: [429],
    Outcome.CLIENT_ERROR: [400, 408, 411, 416, 418, 499],
    Outcome.SERVER_ERROR: [500, 501, 502, 503, 504, 520, 530, 599],
    Outcome.PROTOCOL_ERROR: [0, 99, 100, 199, 300, 301, 399, 600, 700, 998],
}


@pytest.mark.parametrize(
    ("status", "outcome"), [(s, outcome) for outcome, statuses in CASES.items() for s in statuses]
)
def test_status(status: int, outcome: Outcome) -> None:
    """A status means what the design's table says."""
    assert outcome_of_status(status) is outcome


def test_every_status_has_an_outcome() -> None:
    """Every status from 0 to 999 maps to an outcome, with and without Retry-After."""
    for status in range(1000):
        for retry_after in (False, True):
            assert outcome_of_status(status, retry_after=retry_after) in Outcome


def test_unavailable_with_retry_after_is_a_rate_limit() -> None:
    """503 is a rate limit exactly when it says when to come back."""
    assert outcome_of_status(503, retry_after=True) is Outcome.RATE_LIMITED
    assert outcome_of_status(503) is Outcome.SERVER_ERROR


def test_who_sends_on_and_who_slows_down() -> None:
    """Exactly the five redirects of RFC 9110 send on; exactly 429 and 503 slow down."""
    assert [s for s in range(1000) if is_redirect(s)] == [301, 302, 303, 307, 308]
    assert [s for s in range(1000) if asks_to_slow_down(s)] == [429, 503]
