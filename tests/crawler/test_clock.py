"""The wall clock is put back: by an hour, by years, to 1970, between crawls and in their middle."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.agenda import Agenda, PausedHost
from crawler.options import load_policy
from crawler.recorder import Recorder
from crawler.records import HostVisit
from crawler.rundir import open_run
from tests.conftest import MakeInternet
from tests.crawler.faults.child import begun, ended
from tests.internet import PictureHost
from tests.internet.messages import Answer, Reply, Request
from tests.runs import QUICK_POLICY, crawl_arguments, finals, planned, rows

NOW = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
SECONDS = st.floats(0, 1e8)
MOST_S = 600.0


class PausingHost(PictureHost):
    """Answers one look with 429 and Retry-After, and everything else as usual."""

    pause_s = 5
    asked = 0

    def look(self, request: Request) -> Answer:
        """Ask for a pause once."""
        self.asked += 1
        if self.asked == 3:
            return Reply(status=429, headers=(("Retry-After", str(self.pause_s)),))
        return super().look(request)


def paused(blocked_until: datetime, last_at: datetime | None) -> PausedHost:
    return PausedHost("a.test", "a.test", blocked_until, last_at)


@given(asked_s=SECONDS, passed_s=SECONDS)
def test_a_pause_is_kept_whole(asked_s: float, passed_s: float) -> None:
    """While the clock is right, what is left of a pause is what was asked for less what has passed."""
    host = paused(NOW + timedelta(seconds=asked_s), NOW)
    left_s = host.pause_s(NOW + timedelta(seconds=passed_s), MOST_S)
    assert left_s == pytest.approx(max(0.0, asked_s - passed_s), abs=1e-5)


@given(asked_s=st.floats(0, MOST_S), back_s=SECONDS, known=st.booleans())
def test_a_clock_put_back_makes_no_pause_longer(asked_s: float, back_s: float, known: bool) -> None:
    """However far the clock is put back, nobody waits longer than was asked for, or than a round waits."""
    host = paused(NOW + timedelta(seconds=asked_s), NOW if known else None)
    left_s = host.pause_s(NOW - timedelta(seconds=back_s), MOST_S)
    assert 0 <= left_s <= (asked_s if known else MOST_S) + 1e-5


async def test_visits_are_counted_on_whatever_the_clock_says(tmp_path: Path) -> None:
    """A later worker's visits have higher numbers, and what it knows of a host is what came last."""
    run = open_run(planned(tmp_path, ["http://a.test/"]))
    policy = load_policy()
    for number, blocked_s in enumerate((3600, None)):
        recorder = Recorder(run, 0)
        recorder.open()
        agenda = Agenda(run, 0, policy)
        assert agenda.first_visit_id == number + 1
        until = None if blocked_s is None else datetime.now(UTC) + timedelta(seconds=blocked_s)
        visit = HostVisit(
            host="a.test", registered_domain="a.test", round=1, shard=0,
            visit_id=agenda.first_visit_id, last_at=NOW - timedelta(days=number), blocked_until=until,
        )  # fmt: skip
        await recorder.add([], visit)
        await recorder.close()
        agenda.close()
        after = Agenda(run, 0, policy)
        assert [host.host for host in after.paused] == ([] if until is None else ["a.test"])
        after.close()


@pytest.mark.slow
@pytest.mark.parametrize("back_s", [3600.0, 3e8, 1.75e9])
def test_a_crawl_whose_clock_is_put_back(
    tmp_path: Path, make_internet: MakeInternet, back_s: float
) -> None:
    """Put back in the middle and killed, then put back further: one look a link, and short pauses."""
    hosts: list[PictureHost] = [
        PictureHost(f"h{n}.test", pictures=9, body_bytes=99) for n in range(4)
    ]
    hosts.append(PausingHost("pausing.test", pictures=9, body_bytes=99))
    internet = make_internet(*hosts)
    urls = [url for host in hosts for url in host.urls()]
    run = planned(tmp_path, urls)
    clock = tmp_path / "clock"
    clock.write_text("0")
    policy = QUICK_POLICY.replace("min_delay_s = 0.01", "min_delay_s = 0.3").replace(
        "max_retry_after_s = 3.0", "max_retry_after_s = 60.0"
    ) + "visit_links = 1\n"  # fmt: skip
    arguments = crawl_arguments(run, internet, policy=policy)
    faults = {"clock": str(clock), "flush_s": 0.3}
    first = begun(arguments, faults)
    while not any(request.status == 429 for request in internet.log()):
        time.sleep(0.05)
    time.sleep(0.8)
    clock.write_text(str(-back_s / 2))
    time.sleep(0.8)
    first.kill()
    first.communicate()
    clock.write_text(str(-back_s))
    began = time.monotonic()
    second = ended(arguments, faults)
    assert second.returncode == 0, second.stderr
    assert time.monotonic() - began < 100
    assert set(finals(run)) == set(urls)
    assert {row["outcome"] for row in finals(run).values()} == {"ok"}
    visits = [row["visit_id"] for row in rows(run, "hosts")]
    assert len(visits) == len(set(visits))
    assert min(row["observed_at"] for row in rows(run)) < datetime.now(UTC) - timedelta(
        seconds=1800
    )
