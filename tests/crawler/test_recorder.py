"""The recorder: what it was given is on disk when it is closed, whatever happened meanwhile."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from crawler.recorder import Recorder
from crawler.records import Observation, Outcome
from crawler.records.errors import RunFailed
from crawler.rundir import open_run
from tests.runs import planned


def observation(link_id: int) -> Observation:
    """Return a look at a link."""
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    outcome = Outcome.OK
    return Observation(
        link_id=link_id, round=1, observed_at=moment, outcome=outcome, shard=0, visit_id=link_id
    )


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    """A recorder of the only shard of a run."""
    opened = Recorder(open_run(planned(tmp_path, ["http://example.test/"])), 0)
    opened.open()
    return opened


def recorded(tmp_path: Path) -> list[int]:
    """Return the links that the segments hold, in order."""
    files = sorted((tmp_path / "run/observations").rglob("*.parquet"))
    return [row for file in files for row in pq.read_table(file)["link_id"].to_pylist()]


async def test_a_cancelled_flush_loses_nothing(recorder: Recorder, tmp_path: Path) -> None:
    """However often a flush is cancelled in its middle, every observation is written once."""
    for number in range(20):
        await recorder.add([observation(number)], None)
        flushing = asyncio.create_task(recorder.flush())
        for _ in range(number % 4):
            await asyncio.sleep(0)
        flushing.cancel()
    await recorder.close()
    assert sorted(recorded(tmp_path)) == list(range(20))


async def test_what_could_not_be_written_is_told(recorder: Recorder, tmp_path: Path) -> None:
    """A recorder that cannot write does not close as if nothing had happened, and says how much."""
    folder = tmp_path / "run/observations/shard=00000"
    (folder / "00000000.parquet").write_bytes(b"another worker's")
    await recorder.add([observation(1)], None)
    with pytest.raises(RunFailed, match="another worker"):
        await recorder.flush()
    with pytest.raises(RunFailed, match="another worker"):
        await recorder.close()
    assert recorder.unwritten == 1
