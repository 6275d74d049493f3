"""The agenda of a shard: every link that is due, host after host, however it is cut into stretches."""

import shutil
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from crawler import laid_out
from crawler.agenda import Agenda
from crawler.options import load_policy
from crawler.records.errors import RunFailed
from crawler.rundir import open_run
from tests.runs import planned, rows

SIZES = {"a.test": 7, "b.test": 1, "www.b.test": 30, "c.test": 12}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A planned run of four hosts, and of one link that is none."""
    urls = [f"http://{host}/{at}" for at in range(30) for host in SIZES if at < SIZES[host]]
    return planned(tmp_path_factory.mktemp("plan"), [*urls, "http://[/"])


@pytest.mark.parametrize("stretch_rows", [1, 3, 8, 1000])
def test_stretches_make_no_difference(
    run: Path, monkeypatch: pytest.MonkeyPatch, stretch_rows: int
) -> None:
    """Each host comes once, the largest first, with all of its links and no other's."""
    monkeypatch.setattr(laid_out, "_STRETCH_ROWS", stretch_rows)
    agenda = Agenda(open_run(run), 0, load_policy())
    hosts = list(agenda.hosts())
    links = {entry.host: agenda.links(entry.start, entry.count) for entry in hosts}
    invalid = [link.url for link in agenda.invalid()]
    agenda.close()
    assert {entry.host: entry.count for entry in hosts} == SIZES
    assert all(first.count >= then.count for first, then in pairwise(hosts))
    assert all(link.url.host == host for host, of_host in links.items() for link in of_host)
    found = Counter(link.link_id for of_host in links.values() for link in of_host)
    wanted = [row["link_id"] for row in rows(run, "links") if row["invalid_reason"] is None]
    assert found == Counter(wanted)
    assert invalid == ["http://[/"]


def test_links_in_another_order_are_refused(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody walks a host twice at a time because its links lie apart: the run is to be planned anew."""
    monkeypatch.setattr(laid_out, "_STRETCH_ROWS", 3)
    copy = Path(shutil.copytree(run, tmp_path / "run"))
    (path,) = (copy / "links").rglob("*.parquet")
    table = pq.read_table(path, partitioning=None)
    pq.write_table(table.take(list(range(table.num_rows))[::-1]), path)
    with pytest.raises(RunFailed, match="plan the run anew"):
        Agenda(open_run(copy), 0, load_policy())
