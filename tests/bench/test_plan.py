"""The bench of plans: its lists have the skew that they claim, and its programs are measured."""

import sys
from pathlib import Path

import duckdb
import pytest

from bench.crawl.failed import BenchFailed
from bench.plan import lists, measure, table
from bench.plan.measure import Spent
from bench.plan.table import Measured
from tests.crawler.plan.planned import planned


def test_lists_have_the_skew_of_real_ones(tmp_path: Path) -> None:
    """Of as many rows as the sample had, about as many hosts come, and come once."""
    lists.write(tmp_path / "list", 40_462)
    counts = f"""
        with hosts as (
            select split_part(URL, '/', 3) as host, count(*) as urls
            from read_parquet('{tmp_path}/list/*.parquet')
            where URL like 'http%'
            group by host
        )
        select count(*), count(*) filter (urls = 1), max(urls) / sum(urls) from hosts
    """
    with duckdb.connect() as con:
        hosts, once, largest = con.execute(counts).fetchall()[0]
    assert hosts == pytest.approx(14_674, rel=0.1)
    assert once == pytest.approx(12_056, rel=0.1)
    assert largest == pytest.approx(0.036, rel=0.3)


def test_lists_can_be_planned(tmp_path: Path) -> None:
    """A made-up list repeats itself, and few of its rows are refused; the same list comes twice."""
    lists.write(tmp_path / "one", 2_000)
    lists.write(tmp_path / "two", 2_000)
    made = planned(tmp_path / "run", tmp_path / "one")
    totals = made.plan.run.totals
    assert 1_850 < totals.links < 1_950
    assert 0 < totals.invalid_links < 20
    contents = [next((tmp_path / name).iterdir()).read_bytes() for name in ("one", "two")]
    assert contents[0] == contents[1]


def test_a_program_is_measured_with_its_children(tmp_path: Path) -> None:
    """CPU, memory and disk of a program are seen, those of a process that it starts as well."""
    child = "x = bytearray(200_000_000); import time; time.sleep(1.5); print(len(x))"
    program = (
        "import subprocess, sys; from pathlib import Path;"
        f"Path({str(tmp_path / 'made')!r}).mkdir();"
        f"Path({str(tmp_path / 'made' / 'file')!r}).write_bytes(bytes(1_000_000));"
        f"subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    )
    spent = measure.run([sys.executable, "-c", program], tmp_path / "made", tmp_path / "log")
    assert spent.wall_s > 1.5
    assert spent.cpu_s > 0
    assert spent.left_bytes == pytest.approx(1_000_000, rel=0.1)
    if sys.platform == "linux":
        assert spent.peak_bytes > 200_000_000
    with pytest.raises(BenchFailed, match="boom"):
        measure.run([sys.executable, "-c", "raise SystemExit('boom')"], tmp_path, tmp_path / "log")


def test_what_holds_is_judged_by_the_longest_list() -> None:
    """The rate is that of the longest list, the memory the most of all."""
    fast = Measured(1_000_000, "plan", Spent(1.0, 2.0, 5 * 10**9, 10**9, 10**8))
    slow = Measured(50_000_000, "plan", Spent(500.0, 800.0, 10**9, 10**10, 10**9))
    assert [holds for holds, _ in table.verdicts([fast, slow], [], 2)] == [False, False]
    assert [holds for holds, _ in table.verdicts([fast], [], 2)] == [True, False]
    assert "125,000 on 2 cores" in table.verdicts([fast, slow], [], 2)[0][1]
    assert "26 hours of CPU" in table.extrapolated([fast, slow])
    assert "| 50,000,000 | plan | 100,000 | – | 16.0 | 1,000 | 10.00 | 1.00 |" in table.markdown(
        [slow]
    )


@pytest.mark.parametrize(("peer_s", "ratio", "holds"), [(190, "0.38", False), (200, "0.40", True)])
def test_a_pace_is_judged_against_the_peer_on_the_same_list(
    peer_s: float, ratio: str, holds: bool
) -> None:
    """300,000 rows a second were asked for where the peer did 759,000: 0.395 times its pace."""
    plan = Measured(50_000_000, "plan", Spent(500.0, 800.0, 10**9, 10**10, 10**9))
    peers = [
        Measured(50_000_000, table.PEER, Spent(peer_s, 300.0, 10**9, 10**10, 10**9)),
        Measured(10_000_000, table.PEER, Spent(1.0, 1.0, 10**9, 10**10, 10**9)),
    ]
    assert f"| 50,000,000 | plan | 100,000 | {ratio} |" in table.markdown([plan, *peers])
    assert [held for held, _ in table.verdicts([plan], peers, 2)] == [False, holds, True]
