"""A run directory is opened as it was saved, or refused in one line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.runfile import read_run
from crawler.records.errors import RunFailed, WrongUse
from crawler.rundir import (
    PlanOptions,
    PlanTotals,
    RunDirectory,
    ShardPlan,
    holds_run,
    open_run,
    save_run,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
COUNT = st.integers(0, 2**53)
SHARDS = st.lists(
    st.builds(ShardPlan, shard=COUNT, links=COUNT, largest_host=TEXT | st.none()),
    max_size=3,
    unique_by=lambda plan: plan.shard,
)


def a_run(location: Path, options: PlanOptions, shards: tuple[ShardPlan, ...] = ()) -> RunDirectory:
    totals = PlanTotals(
        files=1, dataset_rows=9, dataset_links=8, rows=7, links=6, invalid_links=5, hosts=4,
        origins=3, registered_domains=2,
    )  # fmt: skip
    return RunDirectory(
        location=str(location),
        planned_at=datetime(2031, 1, 2, 3, 4, 5, tzinfo=UTC),
        stillup_version="0.1.0",
        suffix_list_version="2031-01-01",
        round=1,
        options=options,
        totals=totals,
        shards=shards,
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sources=st.lists(TEXT), sample=st.floats(0.001, 1), column=TEXT | st.none(), shards=SHARDS)
def test_what_was_saved_is_opened(
    tmp_path: Path,
    sources: list[str],
    sample: float,
    column: str | None,
    shards: list[ShardPlan],
) -> None:
    """Any options, sources of any text among them, come back from run.toml as they were."""
    options = PlanOptions(sources=tuple(sources), sample=sample, url_column=column)
    run = a_run(tmp_path, options, tuple(shards))
    save_run(run)
    assert holds_run(tmp_path)
    assert open_run(tmp_path) == run


def test_no_run_is_one_clear_line(tmp_path: Path) -> None:
    """Opening what is no run, or a broken one, says what to do and nothing else."""
    with pytest.raises(RunFailed, match="holds no run; make one: stillup plan"):
        open_run(tmp_path)
    (tmp_path / "run.toml").write_text("format = 2\n")
    with pytest.raises(RunFailed, match="run format 2"):
        open_run(tmp_path)
    (tmp_path / "run.toml").write_text("nonsense")
    with pytest.raises(RunFailed, match="cannot be read as a run"):
        open_run(tmp_path)
    (tmp_path / "run.toml").write_text("format = 1\n")
    with pytest.raises(RunFailed, match="cannot be read as a run"):
        open_run(tmp_path)
    with pytest.raises(WrongUse, match="a run lies in a folder, or at s3://"):
        open_run("ftp://host/run")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1, exclude_max=True), cut=st.integers(0, 40), put=st.binary(max_size=6))
def test_a_damaged_run_file_is_one_line(tmp_path: Path, at: float, cut: int, put: bytes) -> None:
    """Whatever became of run.toml, it is opened or refused in one line, never anything else."""
    save_run(a_run(tmp_path, PlanOptions(sources=("a.tsv",)), (ShardPlan(shard=0, links=3),)))
    path = tmp_path / "run.toml"
    whole = path.read_bytes()
    start = int(at * len(whole))
    path.write_bytes(whole[:start] + put + whole[start + cut :])
    said: list[str] = []
    for open_it in (open_run, read_run):
        try:
            open_it(tmp_path)
        except RunFailed as error:
            said.append(str(error))
    assert all(len(text.splitlines()) == 1 for text in said)


def test_only_live_files_are_listed(tmp_path: Path) -> None:
    """Temporary names and covered segments are not among a table's files."""
    folder = tmp_path / "observations" / "shard=00001"
    folder.mkdir(parents=True)
    for name in ("00000000.parquet", "00000001.parquet", "00000000-00000001.parquet", ".x.tmp"):
        (folder / name).touch()
    run = a_run(tmp_path, PlanOptions(sources=()))
    compacted = [folder / "00000000-00000001.parquet"]
    assert run.files("observations", 1) == run.files("observations") == compacted
    assert run.files("links") == []


def test_biggest_shards_come_first(tmp_path: Path) -> None:
    """The shard whose slowest host has most to ask starts first; a split host counts in full."""
    shards = (
        ShardPlan(shard=0, links=900, largest_host="a", largest_host_links=10),
        ShardPlan(shard=1, links=100, largest_host="b", largest_host_links=90),
        ShardPlan(
            shard=2, links=50, largest_host="c", largest_host_links=50, largest_host_shards=2
        ),
    )
    run = a_run(tmp_path, PlanOptions(sources=()), shards)
    assert [shard.shard for shard in run.biggest_first()] == [2, 1, 0]
