"""The fault zoo: every behaviour of the fake internet leads to the observation that it must."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.internet import BEHAVIOURS, EXPECTED_UNDER, Expectation, FakeInternet
from tests.runs import crawled, finals, planned


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What an observation should have said, and what it said."""

    url: str
    what: str
    expected: object
    seen: object


def mismatches(url: str, wanted: Expectation, seen: dict[str, Any]) -> list[Mismatch]:
    """Compare an observation with what must come of a behaviour."""
    pairs: dict[str, tuple[object, object]] = {
        "outcome": (wanted.outcome.value, seen["outcome"]),
        "hops": (wanted.hops, len(seen["hops"] or ())),
        "tls_problem": (wanted.tls_problem, seen["tls_problem"] is not None),
    }
    optional = {
        "status": (wanted.status, seen["status"]),
        "media_type": (wanted.media_type, seen["media_type"]),
        "body_bytes": (wanted.body_bytes, seen["body_bytes"]),
        "attempt": (wanted.attempts, seen["attempt"]),
    }
    pairs |= {what: pair for what, pair in optional.items() if pair[0] is not None}
    return [Mismatch(url, what, *pair) for what, pair in pairs.items() if pair[0] != pair[1]]


@pytest.mark.parametrize("mode", ["body", "head", "sniff"])
def test_every_behaviour_is_seen_for_what_it_is(
    mode: str, internet: FakeInternet, tmp_path: Path
) -> None:
    """Whatever a server does, its link gets one final observation, and that says what it did."""
    wanted = {
        url: expectation
        for behaviour in BEHAVIOURS.values()
        for url, expectation in behaviour.expectations()
        if expectation.mode == mode
    }
    run = crawled(planned(tmp_path, wanted), internet, "--mode", mode, *EXPECTED_UNDER)
    seen = finals(run)
    assert set(seen) == set(wanted)
    found = [
        m for url, expectation in wanted.items() for m in mismatches(url, expectation, seen[url])
    ]
    assert found == []
