"""The fence: however many workers believe that a shard is theirs, each link is written once."""

import asyncio
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.agenda import Agenda
from crawler.options import load_policy
from crawler.recorder import Recorder
from crawler.records import Observation, Outcome
from crawler.rundir import open_run
from crawler.segments import FencedError
from tests.runs import planned, rows

LINKS = 12
POLICY = load_policy()


@dataclass
class Worker:
    """A worker of shard 0 without a lock, that looks at a link a step. `run` is a folder."""

    run: Path
    left: list[int] = field(default_factory=list)
    fenced: bool = False

    def __post_init__(self) -> None:
        """Open the shard, as the spider does."""
        run = open_run(self.run)
        self.recorder = Recorder(run, 0)
        self.recorder.open()
        agenda = Agenda(run, 0, POLICY)
        for entry in agenda.hosts():
            self.left += [link.link_id for link in agenda.links(entry.start, entry.count)]
        self.visit_id = agenda.first_visit_id
        agenda.close()

    def step(self, *, flushes: bool) -> None:
        """Look at a link, and maybe write; whoever is fenced off has stopped."""
        if self.fenced:
            return
        seen = [self.left.pop(0)] if self.left else []
        try:
            asyncio.run(self._record(seen, flushes=flushes))
        except FencedError:
            self.fenced = True

    async def _record(self, links: list[int], *, flushes: bool) -> None:
        await self.recorder.add([self._look(link) for link in links], None)
        if flushes:
            await self.recorder.flush()

    def _look(self, link: int) -> Observation:
        return Observation(
            link_id=link, round=1, observed_at=datetime.now(UTC), outcome=Outcome.OK,
            shard=0, visit_id=self.visit_id,
        )  # fmt: skip


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A planned run of one host; copy it."""
    urls = [f"http://a.test/{number}" for number in range(LINKS)]
    return planned(tmp_path_factory.mktemp("plan"), urls)


STEPS = st.lists(
    st.one_of(st.just("begin"), st.tuples(st.integers(0, 3), st.booleans())), max_size=24
)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_link_is_written_twice(
    plan: Path, tmp_path: Path, steps: list[str | tuple[int, bool]]
) -> None:
    """Workers that begin and write in any order leave one final row a link, and none is lost."""
    run = tmp_path / "run"
    shutil.rmtree(run, ignore_errors=True)
    shutil.copytree(plan, run)
    workers = [Worker(run), Worker(run)]
    for step in steps:
        if isinstance(step, str):
            workers += [Worker(run)] if len(workers) < 4 else []
        elif step[0] < len(workers):
            workers[step[0]].step(flushes=step[1])
    last = Worker(run)
    while last.left:
        last.step(flushes=False)
    last.step(flushes=True)
    assert not last.fenced
    written = [row["link_id"] for row in rows(run)]
    assert len(written) == len(set(written)) == LINKS
