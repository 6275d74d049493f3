"""Which outcome a status means: one table, and every status from 0 to 999 is in it.

Room: pure rules. What an *exception* means is decided where the foreign library is called:
`crawler/visit/failures.py`.
"""

from crawler.records import Outcome

_BY_STATUS = {
    304: Outcome.NOT_MODIFIED,
    404: Outcome.GONE,
    410: Outcome.GONE,
    429: Outcome.RATE_LIMITED,
    # Somebody answers, but not to us. 999 is the bot wall of LinkedIn and Yahoo, not in RFC 9110.
    **dict.fromkeys((401, 402, 403, 405, 406, 407, 451, 999), Outcome.DENIED),
}

_BY_CLASS = {
    # 1xx is never a final answer, and a redirect that cannot be followed (no Location) is not one.
    1: Outcome.PROTOCOL_ERROR,
    2: Outcome.OK,
    3: Outcome.PROTOCOL_ERROR,
    4: Outcome.CLIENT_ERROR,
    5: Outcome.SERVER_ERROR,
}


def outcome_of_status(status: int, *, retry_after: bool = False) -> Outcome:
    """Return the outcome of a final status; 503 with a Retry-After is a rate limit.

    Statuses outside 100 to 599 that no table names are a protocol error (RFC 9110, section 15).
    """
    if status == 503 and retry_after:
        return Outcome.RATE_LIMITED
    by_class = _BY_CLASS.get(status // 100, Outcome.PROTOCOL_ERROR)
    return _BY_STATUS.get(status, by_class)


def is_redirect(status: int) -> bool:
    """Tell whether a status sends us on, if it comes with a Location (RFC 9110, 15.4)."""
    return status in {301, 302, 303, 307, 308}


def asks_to_slow_down(status: int) -> bool:
    """Tell whether a status slows the host's pace down, whatever its outcome."""
    return status in {429, 503}
