"""How long a crawl will still take."""

from analysis.progress import Progress, ShardProgress, SlowHost


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
