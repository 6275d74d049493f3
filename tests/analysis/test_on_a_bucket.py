"""What people do with a run, when the run lies in a bucket."""

import json
import re
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from analysis.runfile import read_run
from storage.folder import Folder
from storage.open import open_store
from tests.analysis.runs import crawl, link, look, plan
from tests.buckets import ObjectStorage
from tests.conftest import MakeInternet
from tests.internet import PictureHost
from tests.runs import QUICK_POLICY, ROOT, STILLUP, stillup, stillup_here

SENDER = ("--reporter", "Ann Roe", "--reply-to", "ann@example.org")


@pytest.fixture
def run(storage: ObjectStorage, tmp_path: Path) -> str:
    """Return a run in a bucket with a leak that nobody has decided on; another program put it there."""
    root = tmp_path / "run"
    links = [link(n, "leak.test", caption=f"biopsy of Ann Roe, {n}.03.2001") for n in range(1, 6)]
    plan(root, links, "planned_at = 2026-03-01T10:00:00Z\n")
    looks = [
        look(
            row["link_id"], "ok", status=200, media_type="image/jpeg", body_bytes=9,
            sha256=sha256(b"%d" % row["link_id"]).digest(), ip="192.0.2.1", host=row["host"],
            url=row["wire_url"], final_url=row["wire_url"],
        )
        for row in links
    ]  # fmt: skip
    crawl(root, looks)
    for path in root.rglob("*"):
        if path.is_file():
            key = f"{tmp_path.name}/{path.relative_to(root)}"
            storage.client.put_object(Bucket="runs", Key=key, Body=path.read_bytes())
    return f"{storage.url}/{tmp_path.name}"


def said(*command: object) -> str:
    """Return what a command printed that went well."""
    done = stillup_here(*command)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_finding_is_reviewed_reported_and_followed(run: str, tmp_path: Path) -> None:
    """Findings, a review, its report and what became of it go by way of the bucket alone."""
    assert "leak.test" in said("findings", run)
    said("review", run, "leak.test", "--confirm", "--by", "Ann Roe")
    out = tmp_path / "reports"
    first = said("report", run, *SENDER, "--to", "abuse@leak.test", "--out", out)
    assert "leak.test: 5 links" in first
    again = said("report", run, *SENDER, "--to", "abuse@leak.test", "--out", out)
    assert "reported in this round" in again
    assert open_store(run).names("actions") == ["00000000.parquet", "00000001.parquet"]
    assert "leak.test" in said("takedowns", run, "--by", "place")


def test_a_list_is_matched_and_its_matches_are_kept(run: str, tmp_path: Path) -> None:
    """What a list matches is in the table `matches` afterwards, once however often it is matched."""
    listing = tmp_path / "list.txt"
    listing.write_text(sha256(b"3").hexdigest() + "\n")
    for _ in range(2):
        assert "leak.test" in said("match", run, listing, "--type", "sha256")
    asked = ("sql", run, "select link_id from matches", "--format", "json")
    assert json.loads(said(*asked)) == [{"link_id": 3}]
    assert open_store(run).names("matches") == ["00000000-00000001.parquet"]
    assert open_store(run).names("locks") == []


def test_one_picture_is_found_by_the_bytes_that_were_served(run: str, tmp_path: Path) -> None:
    """Who has a picture finds the link that served it, also by a second call."""
    picture = tmp_path / "mine.jpg"
    picture.write_bytes(b"3")
    for _ in range(2):
        found = json.loads(said("find", run, picture, "--format", "json"))
        assert [row["link_id"] for row in found["matches"]] == [3]


@pytest.mark.slow
def test_contacts_are_kept_and_said_again(
    storage: ObjectStorage, tmp_path: Path, make_internet: MakeInternet
) -> None:
    """What was asked for on behalf of a run in a bucket is there for whoever asks without a network."""
    host = PictureHost("leak.test", pictures=1)
    internet, run = make_internet(host), f"{storage.url}/{tmp_path.name}-crawled"
    links, policy = tmp_path / "links.txt", tmp_path / "policy.toml"
    links.write_text(host.urls()[0] + "\n")
    policy.write_text(QUICK_POLICY)
    said("plan", run, links)
    us = ("--contact", "https://example.org/us", *internet.flags())
    assert stillup("crawl", run, "--shard", 0, "--policy", policy, *us).returncode == 0
    (tmp_path / "bootstrap.json").write_text('{"services": []}', encoding="utf-8")
    bootstrap = ("--rdap-bootstrap", tmp_path / "bootstrap.json")
    said("contacts", run, "--domain", "leak.test", *bootstrap, *us)
    asked = len(internet.log())
    assert "abuse@leak.test" in said("contacts", run, "--domain", "leak.test", "--offline")
    said("contacts", run, "--domain", "leak.test", *bootstrap, *us)
    assert len(internet.log()) == asked
    [row] = json.loads(said("sql", run, "select address, source from contacts", "--format", "json"))
    assert row == {"address": "abuse@leak.test", "source": "abuse@"}


def test_the_desk_decides_in_the_bucket(run: str) -> None:
    """A browser is shown the case, and its decision is in the bucket for everybody."""
    command = [*STILLUP, "serve", run]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as desk:
        assert desk.stdout is not None
        try:
            address = desk.stdout.readline().strip()
            opener = build_opener(HTTPCookieProcessor())
            assert b"leak.test" in opener.open(address, timeout=30).read()
            origin = address.partition("/?")[0]
            page = opener.open(f"{origin}/place?place=leak.test", timeout=30).read().decode()
            [token] = set(re.findall(r'name="token" value="([^"]+)"', page))
            form = {"token": token, "place": "leak.test", "decision": "confirm", "by": "Bea"}
            decide = Request(f"{origin}/decide", urlencode(form).encode(), {"Origin": origin})  # noqa: S310 - ours
            opener.open(decide, timeout=30)
        finally:
            desk.send_signal(signal.SIGINT)
    asked = ("sql", run, "select place, decision, reviewer from reviews", "--format", "json")
    reviewed = {"place": "leak.test", "decision": "confirm", "reviewer": "Bea"}
    assert json.loads(said(*asked)) == [reviewed]


def test_what_is_at_work_is_not_disturbed(run: str) -> None:
    """A recheck beside another one ends with a line that says what to do."""
    store = open_store(run)
    store.create("locks/recheck", b"a machine, long ago")
    done = stillup_here("recheck", run)
    assert done.returncode == 1
    assert "another command is at work" in done.stderr
    assert f"a machine, long ago); wait for it, or if it was killed remove {run}/locks/recheck" in (
        done.stderr
    )


def test_a_run_without_its_extra_says_how_to_get_it(
    run: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where what speaks to buckets is not installed, each command says the one line that brings it."""
    monkeypatch.setitem(sys.modules, "storage.bucket", None)
    for command in (("status", run), ("crawl", run), ("plan", run, tmp_path)):
        done = stillup_here(*command)
        assert done.returncode == 2
        assert "pip install 'stillup[cloud]'" in done.stderr
    assert isinstance(read_run(tmp_path / "run").store, Folder)
