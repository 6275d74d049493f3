"""A later round: planned by a recheck in one step, and walked by the same crawl as the first."""

import json
import shutil
from pathlib import Path

import pytest

from crawler.records import layout
from crawler.records.round import ROUNDS_SCHEMA
from crawler.rundir import open_run
from crawler.sealed import fault
from tests.ageing import let_days_pass
from tests.analysis.asking import rows_of, value_of
from tests.conftest import MakeInternet
from tests.crawler.faults.child import ended
from tests.internet import FakeInternet, Host, PictureHost, TakenDown, Vanished
from tests.runs import crawl_arguments, crawled, planned, rows, stillup, stillup_here

EVERYTHING = ("--sample-alive", 1, "--as-of", "2100-01-01")


def sites(*names: str, pictures: int = 2) -> list[PictureHost]:
    """Return small hosts of these names."""
    return [PictureHost(f"{name}.test", pictures=pictures, body_bytes=400) for name in names]


def rechecked(run: Path, *options: object) -> str:
    """Plan a round and return what was said."""
    done = stillup_here("recheck", run, *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def asked(run: Path, number: int) -> set[str]:
    """Return the URLs of which a round has a final look, each once."""
    urls = [row["url"] for row in rows(run) if row["round"] == number and row["final"]]
    assert len(urls) == len(set(urls))
    return set(urls)


def verdicts(run: Path) -> dict[str, str]:
    """Return the verdict of each host's links, which are all of one."""
    query = "select distinct host, verdict from verdicts join links using (link_id)"
    found = [(row["host"], row["verdict"]) for row in rows_of(run, query)]
    assert len(found) == len(dict(found))
    return dict(found)


def test_a_later_round_looks_at_what_is_due_and_at_nothing_else(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """Round 2 asks the links of its plan once each, and no other host; round 1 stays as it was."""
    up, gone = sites("up", "gone")
    internet = make_internet(up, TakenDown(gone))
    run = crawled(planned(tmp_path, [*up.urls(), *gone.urls()], shards=2), internet)
    before = {path: path.read_bytes() for path in run.rglob("00000000.parquet")}
    so_far = len(internet.log())
    let_days_pass(run, 3.5)
    before = {path: path.read_bytes() for path in before}
    assert "Round 2 is planned: 2 links on 1 host." in rechecked(run, "--sample-alive", 0)
    assert stillup_here("status", run).stdout.startswith("round 2")
    crawled(run, internet)
    assert {request.host for request in internet.log()[so_far:]} == {"gone.test"}
    assert asked(run, 2) == set(gone.urls())
    assert all(path.read_bytes() == content for path, content in before.items())
    assert value_of(run, "select sum(left_over) from progress") == 0
    assert verdicts(run) == {"up.test": "alive", "gone.test": "dying"}


def test_a_round_may_be_for_one_reason(tmp_path: Path, make_internet: MakeInternet) -> None:
    """With --because the plan has what is due for that alone, and the rest stays due."""
    up, gone = sites("up-b", "gone-b")
    internet = make_internet(up, TakenDown(gone))
    run = crawled(planned(tmp_path, [*up.urls(), *gone.urls()]), internet)
    assert "Nothing is due." in rechecked(run, *EVERYTHING, "--because", "reported")
    planned_now = json.loads(rechecked(run, *EVERYTHING, "--because", "dying", "--format", "json"))
    assert (planned_now["planned_round"], planned_now["links"]) == (2, 2)
    crawled(run, internet)
    assert asked(run, 2) == set(gone.urls())
    assert "links on 2 hosts" in rechecked(run, *EVERYTHING)


@pytest.mark.slow
def test_verdicts_over_rounds(tmp_path: Path, make_internet: MakeInternet) -> None:
    """Dead after three looks in nine days, and not before; what comes back begins anew."""
    stays, dies, returns, vanishes = hosts = sites("stays", "dies", "returns", "vanishes")
    internet = make_internet(*hosts)
    run = planned(tmp_path, [url for host in hosts for url in host.urls()])
    crawled(run, internet)

    def look_after(days: float, *changes: Host) -> dict[str, str]:
        internet.change(*changes)
        let_days_pass(run, days)
        rechecked(run, "--sample-alive", 1)
        crawled(run, internet)
        return verdicts(run)

    down = {"dies.test": "dying", "returns.test": "dying", "vanishes.test": "dying"}
    gone = [TakenDown(dies), TakenDown(returns), Vanished("vanishes.test")]
    assert look_after(31, *gone) == {"stays.test": "alive"} | down
    assert look_after(3.1, returns) == {"stays.test": "alive"} | down | {"returns.test": "alive"}
    assert asked(run, 3) == {*dies.urls(), *returns.urls(), *vanishes.urls()}
    assert look_after(6.1) == {
        "stays.test": "alive",
        "dies.test": "dead",
        "returns.test": "alive",
        "vanishes.test": "dead",
    }
    # Nobody asks after the dead, and the one that came back has a month.
    assert look_after(25, TakenDown(returns, status=404))["returns.test"] == "dying"
    assert asked(run, 5) == {*stays.urls(), *returns.urls()}
    assert value_of(run, "select max(dead_looks) from verdicts where last_round = 5") == 1


# Where a recheck is killed: it writes a plan a shard, each aside, synced and renamed, then run.toml.
POINTS = {
    "a plan not synced": {"call": "fsync", "when": "before", "path": "/rounds/shard="},
    "a plan not renamed": {"call": "replace", "when": "before", "path": "/rounds/"},
    "one plan of two": {"call": "replace", "when": "after", "path": "/rounds/"},
    "all plans, folder not synced": {"call": "replace", "when": "after", "path": "/rounds/", "number": 2},
    "run.toml not synced": {"call": "fsync", "when": "before", "path": "run.toml"},
    "run.toml not renamed": {"call": "replace", "when": "before", "path": "run.toml"},
    "run.toml renamed": {"call": "replace", "when": "after", "path": "run.toml"},
}  # fmt: skip


@pytest.fixture(scope="module")
def once_crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of two shards, with two links each that are up; copy it to change it."""
    hosts = sites("a", "b")
    with FakeInternet(hosts) as internet:
        urls = [url for host in hosts for url in host.urls()]
        return crawled(planned(tmp_path_factory.mktemp("once"), urls, shards=2), internet)


@pytest.fixture
def run(once_crawled: Path, tmp_path: Path) -> Path:
    """Return a copy of that run, to be changed."""
    return shutil.copytree(once_crawled, tmp_path / "run")


SOME = ("one plan of two", "run.toml not renamed")


@pytest.mark.parametrize(
    "point",
    [point if point in SOME else pytest.param(point, marks=pytest.mark.slow) for point in POINTS],
)
def test_a_recheck_that_is_killed_leaves_the_old_round_or_the_new(point: str, run: Path) -> None:
    """Killed at any step, a run is in its old round or in the new one, whole; the same command goes on."""
    killed = ended(["recheck", run, *EVERYTHING], {"kill": [POINTS[point]]})
    assert killed.returncode == -9, killed.stderr
    begun = open_run(run).round
    assert begun == (2 if point == "run.toml renamed" else 1)
    assert value_of(run, "select count(*) from rounds") == (4 if begun == 2 else 0)
    assert value_of(run, "select sum(left_over) from progress") == (4 if begun == 2 else 0)
    if begun == 1:
        rechecked(run, *EVERYTHING)
    assert value_of(run, "select count(*) from rounds where round = 2") == 4
    plans = sorted((run / layout.ROUNDS).rglob("0*.parquet"))
    assert [fault(path, ROUNDS_SCHEMA) for path in plans] == [None, None]


def test_a_recheck_comes_after_the_round_before_it(run: Path) -> None:
    """While links of a round are left, a recheck says so in one line, and changes nothing."""
    rechecked(run, *EVERYTHING)
    before = (run / layout.RUN_FILE).read_bytes()
    refused = stillup_here("recheck", run, *EVERYTHING)
    assert refused.returncode == 1
    assert refused.stderr.startswith("stillup: round 2 is not finished, 4 of its links are left;")
    assert refused.stderr.count("\n") == 1
    assert (run / layout.RUN_FILE).read_bytes() == before


def test_nothing_due_changes_nothing(run: Path) -> None:
    """Where nothing is due, a recheck says when something will be, and ends well."""
    before = (run / layout.RUN_FILE).read_bytes()
    said = rechecked(run, "--sample-alive", 1)
    assert "Nothing is due; the next look is due on " in said
    assert (run / layout.RUN_FILE).read_bytes() == before
    assert not (run / layout.ROUNDS).exists()


def test_wrong_use_is_one_line(run: Path) -> None:
    """A time that is none, a share above one and a run that is none are refused with status 2 or 1."""
    for arguments, status in (
        (("recheck", run, "--as-of", "tomorrow"), 2),
        (("recheck", run, "--sample-alive", "1.5"), 2),
        (("recheck", run / "links"), 1),
    ):
        refused = stillup_here(*arguments)
        assert refused.returncode == status
        assert refused.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_shard_without_its_plan_harms_no_other(run: Path) -> None:
    """A plan that is gone or damaged ends its shard in one line; the other is walked."""
    rechecked(run, *EVERYTHING)
    first, second = sorted((run / layout.ROUNDS).rglob("0*.parquet"))
    content = bytearray(first.read_bytes())
    content[20] ^= 1
    first.write_bytes(content)
    hosts = sites("a", "b")
    with FakeInternet(hosts) as internet:
        failed = stillup(*crawl_arguments(run, internet))
        assert failed.returncode == 1
        assert "was changed after it was written, and it says which links" in failed.stderr
        assert "Traceback" not in failed.stderr
        first.unlink()
        assert "is not there" in stillup(*crawl_arguments(run, internet)).stderr
    assert len(asked(run, 2)) == 2
    assert fault(second, ROUNDS_SCHEMA) is None


def test_a_smaller_share_is_a_part_of_a_larger_one(run: Path) -> None:
    """The draw depends on the link alone, so the same are looked at again, round after round."""
    query = "select link_id, draw from next_looks order by draw"
    drawn = rows_of(run, query)
    assert len({row["draw"] for row in drawn}) == 4
    share = (drawn[1]["draw"] + drawn[2]["draw"]) / 2
    said = rechecked(run, "--sample-alive", share, "--as-of", "2100-01-01", "--format", "json")
    assert json.loads(said)["links"] == 2
    found = rows_of(run, "select link_id from rounds order by link_id")
    assert found == [{"link_id": number} for number in sorted(row["link_id"] for row in drawn[:2])]
