"""The paces that outlive their worker."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from crawler.options import load_policy
from crawler.paces import KeptPace, Paces
from crawler.politeness import HostPace, delay_s, ready_at, resumed

PACE = KeptPace(
    host="slow.test",
    registered_domain="slow.test",
    shards=1,
    delay_s=10.0,
    blocked_until=0.0,
    kept_at=1000.0,
)


def left(folder: Path, *kept: KeptPace, shard: int = 0, ends: float | None = None) -> None:
    """Write paces down, and leave: in an orderly way at a moment, or without a goodbye."""
    paces = Paces(folder, shard)
    paces.open(1000.0)
    for pace in kept:
        paces.keep(pace)
    if ends is not None:
        paces.close(ends)


def opened(folder: Path, shard: int = 0, now: float = 1100.0) -> list[KeptPace]:
    """Return what a worker finds that begins then."""
    return sorted(Paces(folder, shard).open(now), key=lambda pace: pace.host)


def reopened(folder: Path, *kept: KeptPace, shard: int = 0, now: float = 1100.0) -> list[KeptPace]:
    """Write paces down, leave without a goodbye, and return what the next worker finds."""
    left(folder, *kept, shard=shard)
    assert Paces(folder, shard).was_begun
    return opened(folder, shard, now)


def test_the_newest_line_of_a_host_counts(tmp_path: Path) -> None:
    """What was learned last is what is known: also that a host has recovered."""
    recovered = replace(PACE, delay_s=0.0, kept_at=1050.0)
    other = replace(PACE, host="other.test", blocked_until=5000.0)
    assert reopened(tmp_path, PACE, recovered, other) == [other]


def test_what_is_over_is_dropped(tmp_path: Path) -> None:
    """A block that is over and a slowdown that was long ago are not taken over, or kept on disk."""
    blocked = replace(PACE, host="blocked.test", delay_s=0.0, blocked_until=1050.0)
    assert reopened(tmp_path, PACE, blocked, now=1060.0) == [PACE]
    assert reopened(tmp_path, now=1000.0 + 60 * 10.0) == []
    assert (tmp_path / "shard=00000.jsonl").read_bytes() == b""


def test_shards_tell_each_other(tmp_path: Path) -> None:
    """A host that several shards were led to is treated as the kindest of them would."""
    blocked = replace(PACE, delay_s=3.0, blocked_until=4000.0)
    reopened(tmp_path, blocked, shard=1)
    assert reopened(tmp_path, PACE, shard=0) == [replace(PACE, blocked_until=4000.0)]


@given(
    kept=st.lists(
        st.builds(
            KeptPace,
            host=st.sampled_from(["a.test", "b.test", "c.test"]),
            registered_domain=st.just("test"),
            shards=st.just(1),
            delay_s=st.floats(0, 60),
            blocked_until=st.floats(0, 5000),
            kept_at=st.floats(1000, 1200),
        ),
        max_size=6,
    ),
    ends=st.floats(1200, 2000),
    later_s=st.floats(0, 4000),
    shard=st.sampled_from([0, 1]),
)
def test_an_orderly_end_changes_nothing(
    kept: list[KeptPace], ends: float, later_s: float, shard: int
) -> None:
    """Whoever begins that shard or another finds just the newest lines that are still of use."""
    newest = {pace.host: pace for pace in kept}
    now = ends + later_s
    expected = [newest[host] for host in sorted(newest) if newest[host].is_of_use(now)]
    with TemporaryDirectory() as folder:
        left(Path(folder), *kept, ends=ends)
        assert len(list(Path(folder).iterdir())) == 1
        assert Paces(Path(folder), 0).was_begun
        assert opened(Path(folder), shard, now) == expected


def test_a_file_whose_name_says_that_it_is_over_is_not_read(tmp_path: Path) -> None:
    """Of another shard it is left alone, whatever is in it, since a run has thousands of them."""
    left(tmp_path, PACE, ends=1000.0)
    [file] = tmp_path.iterdir()
    assert file.name == "shard=00000.until=1600.jsonl"
    file.write_text(file.read_text().replace("1000.0", "9000.0"))
    assert opened(tmp_path, shard=1, now=1601.0) == []
    assert opened(tmp_path, shard=0, now=1601.0) == [replace(PACE, kept_at=9000.0)]


def test_of_two_files_of_a_shard_the_newer_line_counts(tmp_path: Path) -> None:
    """Whatever a worker that was killed as it ended has left of them, no pause is lost."""
    blocked = replace(PACE, blocked_until=4600.0, kept_at=1050.0)
    left(tmp_path, PACE, shard=0)
    older = (tmp_path / "shard=00000.jsonl").read_bytes()
    left(tmp_path, PACE, blocked, shard=0, ends=1060.0)
    (tmp_path / "shard=00000.jsonl").write_bytes(older)
    assert len(list(tmp_path.iterdir())) == 2
    assert opened(tmp_path) == [blocked]
    assert [path.name for path in tmp_path.iterdir()] == ["shard=00000.jsonl"]


def test_who_lost_the_shard_leaves_the_file_of_who_has_it(tmp_path: Path) -> None:
    """A worker that ends after another took its shard over takes nothing from it."""
    slow, winner = Paces(tmp_path, 0), Paces(tmp_path, 0)
    slow.open(1000.0)
    winner.open(1000.0)
    slow.close(1000.0)
    winner.keep(PACE)
    assert opened(tmp_path) == [PACE]
    unsure = Paces(tmp_path, 0)
    unsure.open(1000.0)
    unsure.close(1000.0, is_held=False)
    assert [path.name for path in tmp_path.iterdir()] == ["shard=00000.jsonl"]


@given(st.integers(0, 400), st.binary(max_size=60))
def test_torn_and_foreign_lines_are_passed_over(cut: int, garbage: bytes) -> None:
    """Wherever a write was cut off, and whatever got into the file, whole lines are read."""
    with TemporaryDirectory() as folder:
        paces = Paces(Path(folder), 0)
        paces.open(1000.0)
        paces.keep(PACE)
        paces.keep(replace(PACE, host="torn.test"))
        file = Path(folder) / "shard=00000.jsonl"
        content = file.read_bytes()
        whole = content.index(b"\n") + 1
        file.write_bytes(content[: whole + cut] + garbage)
        hosts = {pace.host for pace in reopened(Path(folder))}
        assert "slow.test" in hosts or b"slow.test" in garbage


def test_a_clock_that_was_put_back_makes_no_pause_longer() -> None:
    """A day put back, a pause of a minute is a minute still."""
    kept = replace(PACE, blocked_until=1060.0)
    assert kept.pause_s(1000.0 - 86_400) == 60.0
    assert kept.pause_s(1010.0) == 50.0
    assert kept.pause_s(2000.0) == 0.0


@given(st.floats(0.0, 100.0), st.floats(0.0, 1000.0), st.integers(1, 4))
def test_a_host_is_gone_on_with_as_it_was_left(delay: float, pause: float, shards: int) -> None:
    """Its delay is what it was, a whole one is waited for, and its block holds."""
    pace = load_policy().pace
    host = resumed(pace, now=50.0, delay_s=delay, pause_s=pause, shards=shards)
    assert delay_s(host, pace, shards) == shards * max(delay, pace.min_delay_s)
    assert ready_at(host) >= 50.0 + max(pause, delay_s(host, pace, shards))
    assert isinstance(host, HostPace)
