"""The fault zoo: every behaviour of the fake internet leads to the observation that it must."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeInternet
from tests.internet import BEHAVIOURS, EXPECTED_UNDER, Expectation, PictureHost
from tests.runs import QUICK_POLICY, crawled, finals, planned

TIMEOUT_MS = 5_000
SLACK_MS = 1_000  # what a busy machine may add between a deadline and its being noticed
# Whoever cannot be reached is tried twice: the third time would only take longer.
TWICE = QUICK_POLICY + "max_host_failures = 2\n"
FEWEST = 80  # behaviours that the zoo must have


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What an observation should have said, and what it said."""

    url: str
    what: str
    expected: object
    seen: object


def mismatches(url: str, wanted: Expectation, seen: dict[str, Any], mode: str) -> list[Mismatch]:
    """Compare an observation with what must come of a behaviour in a crawl mode."""
    outcome = wanted.outcome_in(mode)
    pairs: dict[str, tuple[object, object]] = {
        "outcome": (outcome and outcome.value, seen["outcome"])
    }
    if mode == wanted.mode:
        pairs |= {
            "hops": (wanted.hops, len(seen["hops"] or ())),
            "tls_problem": (wanted.tls_problem, seen["tls_problem"] is not None),
            "status": (wanted.status, seen["status"]),
            "media_type": (wanted.media_type, seen["media_type"]),
            "body_bytes": (wanted.body_bytes, seen["body_bytes"]),
            "attempt": (wanted.attempts, seen["attempt"]),
        }
    known = {what: pair for what, pair in pairs.items() if pair[0] is not None}
    return [Mismatch(url, what, *pair) for what, pair in known.items() if pair[0] != pair[1]]


@pytest.mark.parametrize(
    "mode", ["body", *(pytest.param(mode, marks=pytest.mark.slow) for mode in ("head", "sniff"))]
)
def test_every_behaviour_is_seen_for_what_it_is(
    mode: str, make_internet: MakeInternet, tmp_path: Path
) -> None:
    """Whatever a server does, its link gets one final observation that says so, within its time.

    A healthy host that is walked by the same worker meanwhile loses nothing.
    """
    healthy = PictureHost("healthy.example", pictures=20)
    internet = make_internet(*BEHAVIOURS, healthy)
    wanted = {
        url: expectation
        for behaviour in BEHAVIOURS.values()
        for url, expectation in behaviour.expectations()
    }
    urls = [*wanted, *healthy.urls()]
    options = ("--shard", 0, "--mode", mode, *EXPECTED_UNDER)
    run = crawled(planned(tmp_path, urls), internet, *options, policy=TWICE)
    seen = finals(run)
    assert set(seen) == set(urls)
    found = [m for url, e in wanted.items() for m in mismatches(url, e, seen[url], mode)]
    assert not found, "\n".join(map(str, found))
    assert {seen[url]["outcome"] for url in healthy.urls()} == {"ok"}
    longest = {url: row["total_ms"] or 0 for url, row in seen.items()}
    assert {url: ms for url, ms in longest.items() if ms > TIMEOUT_MS + SLACK_MS} == {}


def test_the_zoo_is_as_large_as_was_promised() -> None:
    """There are at least eighty behaviours, and every kind of them has some."""
    assert len(BEHAVIOURS) >= FEWEST
    kinds = {behaviour.__module__ for behaviour in BEHAVIOURS.values()}
    assert len(kinds) >= 10
