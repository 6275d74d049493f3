"""`stillup report` on a run: who is reported, once, and what waits."""

import json
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from subprocess import CompletedProcess

import pyarrow.parquet as pq
import pytest

from analysis.derive import derive
from analysis.report.draft import Choices
from analysis.report.model import Capacity, Ground, Kind, Sender
from analysis.report.reporting import report_places
from analysis.runfile import read_run
from tests.analysis.asking import rows_of
from tests.analysis.runs import START, acted, contact, contacted, crawl, link, look, plan, review
from tests.analysis.runs import report as written_report
from tests.runs import stillup_here

SENDER = ("--reporter", "Ann Roe", "--reply-to", "ann@example.org")
BUCKET = "s3.amazonaws.com/files"


@pytest.fixture(scope="module")
def crawled_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a crawled run with three leaks, one of them at an IP address; nobody has decided."""
    root = tmp_path_factory.mktemp("report") / "run"
    links = [link(n, "leak.test", caption=f"biopsy of Ann Roe, {n}.03.2001") for n in range(1, 6)]
    links += [link(n, "leak.test", caption="a church") for n in range(6, 9)]
    links += [link(n, "192.0.2.7", caption="biopsy of Ann Roe") for n in range(20, 23)]
    url = f"http://{BUCKET}/30.jpg"
    links.append(
        link(
            30, "amazonaws.com", host="s3.amazonaws.com", wire_url=url, caption="biopsy of Ann Roe"
        )
    )
    plan(root, links, "planned_at = 2026-03-01T10:00:00Z\n")
    crawl(root, [seen(row["link_id"], row["wire_url"], row["host"]) for row in links])
    derive(read_run(root))
    return root


def seen(number: int, url: str, host: str, round_: int = 1, outcome: str = "ok"):  # type: ignore[no-untyped-def]
    """Return a look at a link of the run."""
    return look(
        number, outcome, round_, 10 * round_ - 10, status=200, media_type="image/jpeg",
        body_bytes=9, sha256=bytes([number]) * 32, ip="192.0.2.1", host=host, url=url, final_url=url,
    )  # fmt: skip


@pytest.fixture
def run(crawled_run: Path, tmp_path: Path) -> Path:
    """Return a copy of that run, to act on."""
    return Path(shutil.copytree(crawled_run, tmp_path / "run"))


@pytest.fixture(scope="module")
def reported_run(crawled_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return such a run whose leak.test is confirmed and reported; what was said is in `said`."""
    run = Path(shutil.copytree(crawled_run, tmp_path_factory.mktemp("reported") / "run"))
    acted(run, review("leak.test"))
    (run.parent / "said").write_text(report(run, *SENDER).stdout, encoding="utf-8")
    return run


@pytest.fixture
def reported(reported_run: Path, tmp_path: Path) -> tuple[Path, str]:
    """Return a copy of that run, to act on, and what was said when it was reported."""
    said = (reported_run.parent / "said").read_text(encoding="utf-8")
    return Path(shutil.copytree(reported_run, tmp_path / "reported")), said


def later(run: Path, still_up: Iterable[int]) -> None:
    """Add a second round, in which only some of leak.test's links are still up."""
    up = set(still_up)
    crawl(
        run,
        [
            seen(n, f"http://leak.test/{n}.jpg", "leak.test", 2, "ok" if n in up else "gone")
            for n in range(1, 9)
        ],
        segment=1,
    )
    text = (run / "run.toml").read_text().replace("round = 1", "round = 2")
    (run / "run.toml").write_text(text)


def report(run: Path, *arguments: object) -> CompletedProcess[str]:
    done = stillup_here("report", run, *arguments)
    assert done.returncode == 0, done.stderr
    return done


def content(run: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((run / "reports").iterdir())}


def test_only_what_was_confirmed_is_reported(run: Path) -> None:
    """Nothing is reported without a review, and the command says what waits and why."""
    said = report(run, *SENDER).stdout
    assert "no report was written" in said
    assert "leak.test" in said.partition("not reviewed yet")[0]
    assert not (run / "reports").exists()
    acted(run, review("leak.test"), review("192.0.2.7"), review(BUCKET, "dismiss", level="tenant"))
    said = report(run, *SENDER).stdout
    assert "leak.test: 5 links, to abuse@leak.test (new)" in said
    assert "192.0.2.7: confirmed, but no mail address to write to is known: --to MAIL" in said
    assert f"{BUCKET}: dismissed" in said
    [row] = rows_of(run, "select * from reports")
    assert (row["place"], row["links"], row["sent_to"]) == ("leak.test", 5, ["abuse@leak.test"])
    written = (run / "reports" / f"{row['report_number']}.json").read_bytes()
    assert sha256(written).hexdigest() == row["sha256"]
    names = [link["url"] for link in json.loads(written)["links"]]
    assert names == [f"http://leak.test/{n}.jpg" for n in range(1, 6)]


def test_a_report_is_made_out_to_whom_the_contacts_name(run: Path) -> None:
    """Those of the domain and network of the hosts that serve it, best first; not another host's."""
    contacted(
        run,
        [
            contact("leak.test", "desk@network.test", rank=2),
            contact("leak.test", "privacy@leak.test", rank=1, scope="domain"),
            contact("leak.test", "abuse@leak.test", rank=3, scope="convention", source="abuse@"),
            contact("img.leak.test", "other@network.test", registered_domain="leak.test"),
        ],
    )
    acted(run, review("leak.test"))
    assert "5 links, to privacy@leak.test, desk@network.test (new)" in report(run, *SENDER).stdout


def test_nothing_is_reported_twice(reported: tuple[Path, str]) -> None:
    """A second call, whatever it asks for, writes the first report's bytes and no other report."""
    run, first = reported
    files = content(run)
    assert {name.partition(".")[2] for name in files} == {
        "html", "xarf.json", "xarf.eml", "eml", "csv", "json"
    }  # fmt: skip
    shutil.rmtree(run / "reports")
    again = report(run, "--language", "de", "--reporter", "B", "--reply-to", "b@example.org")
    assert again.stdout.split()[0] == first.split()[0]
    assert "reported in this round" in again.stdout
    assert content(run) == files
    assert len(rows_of(run, "select * from reports")) == 1


def test_a_report_that_stands_says_what_it_does_not_follow(run: Path) -> None:
    """Options that would have made another report are named where it was written already."""
    acted(run, review("leak.test"))
    first = report(run, *SENDER, "--to", "abuse@leak.test")
    same = report(run, *SENDER, "--to", "abuse@leak.test", "--ground", "dsa16")
    assert "changes nothing" not in first.stdout + same.stdout
    before = content(run)
    other = report(run, *SENDER, "--language", "de", "--ground", "terms", "--as", "third-party")
    assert "it stands as it was first written: --ground, --language changes nothing" in other.stdout
    assert content(run) == before


def test_what_was_dismissed_after_its_report_is_not_written_again(
    reported: tuple[Path, str],
) -> None:
    """Whoever finds out after a report that it was wrong dismisses the place, and nothing more goes out."""
    run, _ = reported
    shutil.rmtree(run / "reports")
    acted(run, review("leak.test", "dismiss", day=1))
    assert "leak.test: dismissed" in report(run, *SENDER).stdout
    later(run, still_up=[1])
    assert "no report was written" in report(run, "--reminder", *SENDER).stdout
    assert not (run / "reports").exists()


def test_a_report_of_another_version_is_not_guessed_at(run: Path) -> None:
    """A report that this version cannot read again is named in one line, and no other takes its place."""
    acted(run, review("leak.test"), written_report("SU-00000-00000", [1], "leak.test"))
    done = stillup_here("report", run, *SENDER)
    assert done.returncode == 1
    assert done.stderr.startswith("stillup: SU-00000-00000 cannot be read again")
    assert done.stderr.count("\n") == 1


def test_the_same_run_and_review_give_the_same_bytes(run: Path, tmp_path: Path) -> None:
    """Two copies of a run, reported at different times, give the same files."""
    acted(run, review("leak.test"), review(BUCKET, level="tenant"))
    other = Path(shutil.copytree(run, tmp_path / "other"))
    report(run, *SENDER)
    report(other, *SENDER)
    assert content(run) == content(other)
    assert len(content(run)) == 12


def test_no_name_nor_caption_is_in_a_report(run: Path) -> None:
    """No caption, no note and no reviewer gets into any file of a report."""
    acted(run, review("leak.test", reviewer="Reviewer Rose", note="a private remark"))
    report(run, "--reporter", "Sender", "--reply-to", "s@example.org")
    for name, written in content(run).items():
        for secret in (b"Ann Roe", b"biopsy", b"Rose", b"private remark"):
            assert secret not in written, name


def test_those_who_report_at_once_write_one_report(run: Path) -> None:
    """Two who report at the same moment write down one report, not two."""
    acted(run, review("leak.test"))
    facts = read_run(run)
    sender = Sender(name="Ann", mail="ann@example.org", capacity=Capacity.THIRD_PARTY)
    choices = Choices(kind=Kind.REPORT, ground=Ground.DSA16, language="en", sender=sender)
    with ThreadPoolExecutor(2) as people:
        found = list(
            people.map(lambda _: report_places(facts, (), choices, lambda: START), range(2))
        )
    assert sum(len(one.new) for one in found) == 1
    assert sum(len(one.known) for one in found) == 1
    assert rows_of(run, "select count(*) as n from segments.actions where kind = 'report'") == [
        {"n": 1}
    ]


def test_a_reminder_names_what_is_still_up(reported: tuple[Path, str]) -> None:
    """In a later round a reminder names the first report and the links of it that are still up."""
    run, number = reported[0], reported[1].split()[0]
    assert "not looked at again" in report(run, "--reminder", *SENDER).stdout
    later(run, still_up=[2, 4, 6])
    assert "--reminder" in report(run, *SENDER).stdout
    said = report(run, "--reminder", "--format", "json", "--format", "html", *SENDER).stdout
    assert "leak.test: 2 links" in said
    [row] = rows_of(run, "select * from reports where reminder_of is not null")
    assert (row["reminder_of"], row["round"], row["links"]) == (number, 2, 2)
    links = rows_of(
        run, f"select link_id from reported_links where report_number = '{row['report_number']}'"
    )
    assert [one["link_id"] for one in links] == [2, 4]
    written = json.loads((run / "reports" / f"{row['report_number']}.json").read_text())
    assert written["reminds_of"]["number"] == number
    assert number in (run / "reports" / f"{row['report_number']}.html").read_text()
    assert "reported in this round" in report(run, "--reminder", *SENDER).stdout


def test_nothing_is_reminded_of_that_is_gone(reported: tuple[Path, str]) -> None:
    """Where the host has complied there is no reminder."""
    run, _ = reported
    later(run, still_up=[])
    assert "nothing that was reported is up any more" in report(run, "--reminder", *SENDER).stdout
    assert len(rows_of(run, "select * from reports")) == 1


def test_the_sender_chooses_where_and_how(run: Path, tmp_path: Path) -> None:
    """Place, folder, formats, language, ground and recipients are the sender's choice."""
    acted(run, review("leak.test"), review("192.0.2.7"))
    out = tmp_path / "out"
    report(
        run, "--domain", "192.0.2.7", "--out", out, "--format", "html", "--format", "csv",
        "--language", "fr", "--ground", "gdpr17", "--as", "affected",
        "--to", "abuse@host.example", "--to", "Legal@Bücher.example", *SENDER,
    )  # fmt: skip
    [row] = rows_of(run, "select * from reports")
    assert row["sent_to"] == ["abuse@host.example", "Legal@xn--bcher-kva.example"]
    assert (row["place"], row["ground"], row["language"]) == ("192.0.2.7", "gdpr17", "fr")
    assert sorted(path.suffix for path in out.iterdir()) == [".csv", ".html"]
    assert "2016/679" in next(out.glob("*.html")).read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--reporter", "Ann"),
        ("--reporter", "", "--reply-to", "ann@example.org"),
        ("--reporter", "A\x1b[31m", "--reply-to", "ann@example.org"),
        ("--reporter", "Ann", "--reply-to", "ann"),
        ("--reporter", "Ann", "--reply-to", "ann@example.org\r\nBcc: x@example.org"),
        (*SENDER, "--to", "<script>@x"),
        (*SENDER, "--ground", "gdpr17"),
        (*SENDER, "--ground", "takeitdown"),
        (*SENDER, "--domain", "nobody.test\x1b[31m"),
        (*SENDER, "--language", "tlh"),
    ],
)
def test_wrong_use_writes_nothing(run: Path, arguments: tuple[str, ...]) -> None:
    """Who does not say who they are, or what they may not say, is told so, and nothing is written."""
    acted(run, review("leak.test"))
    before = sorted(run.rglob("*"))
    done = stillup_here("report", run, *arguments)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "\x1b" not in done.stderr
    assert sorted(run.rglob("*")) == before


def test_what_cannot_be_read_stops_reporting(reported: tuple[Path, str]) -> None:
    """Where a segment of actions is damaged nothing is reported, as it may have been already."""
    run, _ = reported
    path = run / "actions" / "00000001.parquet"
    path.write_bytes(path.read_bytes()[:-9])
    done = stillup_here("report", run, *SENDER)
    assert done.returncode == 1
    assert "not known what was reported" in done.stderr


def test_the_removal_list_has_the_rows(run: Path, tmp_path: Path) -> None:
    """The removal list names source, row, link, the URL's hash and the reason, of confirmed places."""
    acted(run, review("leak.test"))
    target = tmp_path / "drop.parquet"
    assert "5 rows" in report(run, "--removal-list", target).stdout
    rows = pq.read_table(target).to_pylist()
    assert [row["source_row"] for row in rows] == [0, 1, 2, 3, 4]
    assert rows[0] == {
        "source": "list.tsv",
        "source_row": 0,
        "link_id": 1,
        "url_sha256": sha256(b"http://leak.test/1.jpg").hexdigest(),
        "reason": "medical record",
    }
