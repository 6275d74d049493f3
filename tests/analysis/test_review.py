"""A person's decision on a finding, by the real command."""

from pathlib import Path
from typing import Any

import pytest

from tests.analysis.asking import rows_of
from tests.analysis.runs import crawl, link, look, plan
from tests.runs import stillup_here

BUCKET = "s3.amazonaws.com/files%1B[31m"


@pytest.fixture(scope="module")
def leaks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run with a leaking domain and a bucket of a hostile name; read it only."""
    root = tmp_path_factory.mktemp("review") / "run"
    leaking = [link(n, "leak.test", caption=f"biopsy of Ann Roe, {n}.03.2001") for n in range(25)]
    url = f"http://{BUCKET}/patients/30.jpg"
    bucket = link(
        30,
        "amazonaws.com",
        host="s3.amazonaws.com",
        url=url.replace("%1B", "\x1b"),
        wire_url=url,
        caption="biopsy of Ann Roe",
    )
    plan(root, [*leaking, bucket, link(40, "good.test", caption="a church")])
    seen: dict[str, Any] = {"status": 200, "media_type": "image/png", "body_bytes": 20_000}
    crawl(root, [look(row["link_id"], **seen) for row in leaking])
    return root


@pytest.fixture
def run(leaks: Path, tmp_path: Path) -> Path:
    """Return a copy of that run, to act on."""
    (tmp_path / "run").mkdir()
    for part in leaks.iterdir():
        (tmp_path / "run" / part.name).symlink_to(part)
    return tmp_path / "run"


def test_a_decision_is_kept(run: Path) -> None:
    """Who decided what, when and why is a row of `reviews`; the last decision counts."""
    for decision, note in (
        ("--confirm", "files of patients"),
        ("--dismiss", "a museum, after all"),
    ):
        done = stillup_here("review", run, "leak.test", decision, "--by", "Bea", "--note", note)
        assert done.returncode == 0, done.stderr
    found = rows_of(run, "select * from reviews order by reviewed_at")
    assert [(row["decision"], row["note"], row["counts"]) for row in found] == [
        ("confirm", "files of patients", False),
        ("dismiss", "a museum, after all", True),
    ]
    assert {(row["level"], row["place"], row["reviewer"]) for row in found} == {
        ("domain", "leak.test", "Bea")
    }


def test_a_tenant_is_a_place_to_decide_on(run: Path) -> None:
    """A tenant can be confirmed by its name as `findings` has it, and the level is kept."""
    done = stillup_here("review", run, BUCKET, "--confirm", "--by", "Bea")
    assert done.returncode == 0, done.stderr
    assert "none of its links is live" in done.stdout
    assert rows_of(run, "select level, place from reviews") == [
        {"level": "tenant", "place": BUCKET}
    ]


def test_without_a_decision_the_case_is_shown(run: Path) -> None:
    """Reasons and live links are shown, with how many more there are, and nothing is written."""
    shown = stillup_here("review", run, "leak.test").stdout
    assert "own_record: 25 of 25 links" in shown
    assert "http://leak.test/0.jpg\n    200, image/png, 20,000 bytes, seen 2026-03-01" in shown
    assert "and 5 more" in shown
    assert "Ann Roe" not in shown
    assert not (run / "actions").exists()
    stillup_here("review", run, "leak.test", "--dismiss", "--by", "Bea")
    assert "dismiss by Bea" in stillup_here("review", run, "leak.test").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("nobody.test", "--confirm", "--by", "Bea"),
        ("good.test", "--confirm", "--by", "Bea"),
        ("leak.test", "--confirm", "--dismiss", "--by", "Bea"),
        ("leak.test", "--confirm"),
        ("leak.test", "--confirm", "--by", "  "),
        ("leak.test", "--by", "Bea"),
        ("leak.test", "--note", "a museum"),
        ("leak.test", "--confirm", "--by", "Be\x1b[31ma"),
        ("leak.test", "--confirm", "--by", "Bea", "--note", "line\nline"),
        ("leak.test", "--confirm", "--by", "Bea", "--note", "half \ud83d of it"),
        ("leak.test", "--confirm", "--by", "Bea" * 1000),
        ("leak.test\u202e", "--confirm", "--by", "Bea"),
    ],
)
def test_wrong_use_writes_nothing(run: Path, arguments: tuple[str, ...]) -> None:
    """What is no decision on a finding by a person is refused in one line, and nothing is kept."""
    done = stillup_here("review", run, *arguments)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert not {"\x1b", "\u202e", "\ud83d"} & set(done.stderr)
    assert not (run / "actions").exists()
