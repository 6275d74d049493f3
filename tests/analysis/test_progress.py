"""How long a crawl will still take, and whether its segments should be merged."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from analysis.commands.status import draw_progress
from analysis.progress import Progress, ShardProgress, SlowHost

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def progress(left: int, per_s: float | None, slowest: SlowHost | None) -> Progress:
    return Progress((ShardProgress(0, left + 10, 0, 10, left, 10),), None, per_s, slowest)


def test_the_slowest_host_sets_the_time() -> None:
    """A pace of thousands does not help a host that wants one request in two seconds."""
    found = progress(1000, 1000.0, SlowHost("slow.example", 500, 2.0))
    assert found.time_left_s() == 1000.0
    assert found.host_decides()


def test_the_pace_sets_the_time() -> None:
    """Where every host is quick, what is left goes by at our pace."""
    found = progress(1000, 10.0, SlowHost("quick.example", 5, 1.0))
    assert found.time_left_s() == 100.0
    assert not found.host_decides()


def test_before_a_pace_only_politeness_is_known() -> None:
    """Without a pace there is no time left, only what politeness asks for."""
    found = progress(1000, None, SlowHost("slow.example", 5, 1.0))
    assert found.time_left_s() is None
    assert found.host_decides()


def test_nothing_left_takes_no_time() -> None:
    """A finished round has no time left."""
    assert progress(0, 10.0, None).time_left_s() == 0.0


def test_thousands_of_small_segments_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Who waits for answers learns what to call, but not where there are many segments of many shards."""
    run = progress(5, 10.0, SlowHost("slow.example", 5, 1.0))
    shards = tuple(replace(run.shards[0], shard=number) for number in range(200))
    for found in (replace(run, segments=900), replace(run, segments=9_000, shards=shards)):
        draw_progress(found, 1, NOW)
        assert "compact" not in capsys.readouterr().out
    draw_progress(replace(run, segments=9_000), 1, NOW)
    told = "9,000 small segments; questions answer sooner after: stillup compact RUN"
    assert told in capsys.readouterr().out
