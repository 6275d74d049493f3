"""The ranked list and its arithmetic, as a person gets them."""

import csv
import io
import json
import math
import re
from pathlib import Path

import pytest

from tests.analysis.runs import crawl, link, look, plan
from tests.runs import stillup_here

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow

EVIL = "http://s3.amazonaws.com/\x1b[31mred%1b[31m/patients/{}.jpg"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run with a leaking domain, a bucket with a hostile name, and many ordinary links."""
    root = tmp_path_factory.mktemp("findings") / "run"
    leaks = [link(n, "leak.test", caption=f"biopsy of Ann Roe, {n}.03.2001") for n in range(1, 10)]
    one = [link(20, "one.test", caption="biopsy of Ann Roe")]
    calm = [link(n, "stock.test", caption="doctor, biopsy, stock photo") for n in range(30, 60)]
    calm += [link(60, "stock.test", caption="biopsy")]
    good = [link(n, f"site{n}.test", caption="a church") for n in range(100, 200)]
    bucket = [
        link(
            n,
            "amazonaws.com",
            host="s3.amazonaws.com",
            url=EVIL.format(n),
            wire_url=EVIL.format(n).replace("\x1b", "%1B"),
        )
        for n in range(70, 74)
    ]
    links = [*leaks, *one, *calm, *good, *bucket]
    plan(root, links)
    crawl(root, [look(row["link_id"], "ok", media_type="image/png") for row in links[:5]])
    return root


def listed(run: Path) -> list[dict[str, str]]:
    """Return the list as CSV has it."""
    done = stillup_here("findings", run, "--format", "csv")
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_the_leak_leads(run: Path) -> None:
    """A domain full of somebody's files leads; one hit of one link and a stock library do not."""
    places = [row["place"] for row in listed(run)]
    assert places[0] == "leak.test"
    assert "one.test" in places
    assert "stock.test" not in places[: places.index("one.test")]


def test_a_bucket_is_a_place_of_its_own(run: Path) -> None:
    """A tenant is listed, and the domain that is all tenants is not."""
    levels = {row["place"]: row["level"] for row in listed(run)}
    assert "tenant" in levels.values()
    assert "amazonaws.com" not in levels


def test_live_links_are_counted(run: Path) -> None:
    """The list says how many links are live."""
    assert listed(run)[0]["live_links"] == "5"


def test_the_arithmetic_can_be_done_again(run: Path) -> None:
    """Every line of --explain follows from the numbers in it, and the points make the score."""
    text = stillup_here("findings", run, "--explain", "leak.test").stdout
    lines = re.findall(
        r"log2\(\(([\d.]+) \+ 0.5\) / \(([\d.]+) \+ 0.5\)\) = (-?[\d.]+) doublings × ([\d.]+) = ([\d.]+)",
        text,
    )
    assert lines
    for hits, expected, doublings, strength, points in (map(float, line) for line in lines):
        assert math.log2((hits + 0.5) / (expected + 0.5)) == pytest.approx(doublings, abs=0.02)
        assert max(0.0, doublings * strength) == pytest.approx(points, abs=0.02)
    score = re.search(r"together ([\d.]+) points", text)
    assert score is not None
    assert sum(float(line[-1]) for line in lines) == pytest.approx(float(score[1]), abs=0.05)


def test_json_is_whole(run: Path) -> None:
    """JSON holds the list, and the reasons of an explained place."""
    found = json.loads(stillup_here("findings", run, "--format", "json").stdout)
    assert found[0]["place"] == "leak.test"
    asked = ("findings", run, "--explain", "leak.test", "--format", "json")
    explained = json.loads(stillup_here(*asked).stdout)
    assert {reason["kind"] for reason in explained["reasons"]} >= {"own_record", "clinical_words"}
    assert len(explained["urls"]) == 5


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_hostile_names_stay_text(run: Path, form: str) -> None:
    """No control character of a URL reaches the terminal."""
    for more in ((), ("--explain", "s3.amazonaws.com/%1B[31mred%1b[31m")):
        done = stillup_here("findings", run, "--format", form, *more)
        assert done.returncode == 0, done.stderr
        assert "\x1b" not in done.stdout


def test_what_is_no_finding(run: Path) -> None:
    """To explain what is not there is wrong use, said in one line."""
    done = stillup_here("findings", run, "--explain", "nobody.test\x1b[31m")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "\x1b" not in done.stderr


def test_nothing_to_find(tmp_path: Path) -> None:
    """A run without a reason for suspicion says so."""
    plan(tmp_path / "run", [link(1, caption="a church")])
    assert "nothing" in stillup_here("findings", tmp_path / "run").stdout
