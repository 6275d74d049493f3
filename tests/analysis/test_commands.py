"""The commands, as a shell calls them."""

import csv
import io
import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from stillup import main

ENVIRONMENT = os.environ | {"COLUMNS": "80", "PYTHONWARNINGS": "error"}


Stillup = Callable[..., "Done"]


@dataclass
class Done:
    """What a command left behind."""

    status: int
    stdout: str
    stderr: str


@pytest.fixture
def stillup(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Stillup:
    """Return a command line in this process, in a pipe 80 columns wide."""
    monkeypatch.setenv("COLUMNS", "80")

    def call(*words: str | Path, stdin: str = "") -> Done:
        monkeypatch.setattr("sys.argv", ["stillup", *map(str, words)])
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        status = 0
        try:
            main()
        except SystemExit as left:
            status = int(left.code or 0)
        return Done(status, *capsys.readouterr())

    return call


def test_sql_prints_a_plain_table(stillup: Stillup, crawled: Path) -> None:
    """Into a pipe goes a table without colours."""
    done = stillup("sql", crawled, "select count(*) as n from links")
    assert done.stdout.split() == ["n", "──", "40"]


def test_sql_writes_the_formats(stillup: Stillup, crawled: Path) -> None:
    """CSV, JSON and Parquet go to stdout whole."""
    query = "select link_id, url from links order by link_id"
    found = csv.DictReader(io.StringIO(stillup("sql", crawled, query, "--format", "csv").stdout))
    assert [row["link_id"] for row in found] == [str(number) for number in range(40)]
    assert len(json.loads(stillup("sql", crawled, query, "--format", "json").stdout)) == 40
    done = subprocess.run(
        [sys.executable, "-m", "stillup", "sql", str(crawled), query, "--format", "parquet"],
        capture_output=True,
        check=True,
    )
    assert pq.read_table(io.BytesIO(done.stdout)).num_rows == 40


@pytest.mark.parametrize(
    "query", ["selec 1", "from nowhere", "copy links to 'x'", "from read_text('/etc/passwd')", ""]
)
def test_a_broken_query_is_one_line(stillup: Stillup, query: str, crawled: Path) -> None:
    """What cannot be asked is wrong use: exit status 2, one line, nothing on stdout."""
    done = stillup("sql", crawled, query)
    assert (done.status, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert done.stderr.startswith("stillup: ")


@pytest.mark.parametrize("command", ["sql", "status", "verdicts", "publish"])
def test_a_missing_run_is_one_line(stillup: Stillup, command: str, tmp_path: Path) -> None:
    """Without a run a command fails with status 1 and says how to make one."""
    words = ["select 1"] if command == "sql" else []
    done = stillup(command, tmp_path / "nothing", *words)
    assert (done.status, len(done.stderr.splitlines())) == (1, 1)
    assert "stillup plan" in done.stderr


@pytest.mark.parametrize("command", ["sql", "status", "verdicts", "publish"])
def test_help_has_an_example(stillup: Stillup, command: str) -> None:
    """--help shows a call to copy."""
    assert f"stillup {command} runs/" in stillup(command, "--help").stdout


def test_sql_takes_statements_from_a_pipe(stillup: Stillup, crawled: Path) -> None:
    """Without QUERY, statements and dot commands come from stdin, to .quit."""
    script = "select 1 as first;\n.tables\nselect\n 2 as second;\n.quit\nselect 3 as third;\n"
    shown = stillup("sql", crawled, stdin=script).stdout
    assert "first" in shown
    assert "one row per link" in shown
    assert "second" in shown
    assert "third" not in shown


def test_sql_stops_quietly_when_nobody_reads(crawled: Path) -> None:
    """`| head` ends a long answer without a word."""
    query = "select a.url from observations a, observations b, range(100)"
    for form in ("csv", "table"):
        shown = subprocess.run(  # noqa: S602 - the pipe is the point
            f"{sys.executable} -m stillup sql '{crawled}' '{query}' --format {form} | head -1",
            shell=True,
            capture_output=True,
            text=True,
            check=True,
        )
        assert shown.stderr == ""
        assert shown.stdout.strip() == "url"


def test_sql_refuses_parquet_on_a_terminal(crawled: Path) -> None:
    """Parquet on a terminal is wrong use, with the way out."""
    shown = on_a_terminal("sql", str(crawled), "select 1", "--format", "parquet")
    assert "send it to a file" in shown


def test_the_prompt_answers_on_a_terminal(
    crawled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal there is a prompt, an error does not end it, and .quit does."""
    monkeypatch.setitem(ENVIRONMENT, "HOME", str(tmp_path))
    monkeypatch.setitem(ENVIRONMENT, "XDG_DATA_HOME", str(tmp_path))
    typed = "selec 1;\rselect 40 + 2 as answer;\r.quit\r"
    shown = on_a_terminal("sql", str(crawled), typed=typed)
    assert "syntax error" in shown
    assert "42" in shown


def on_a_terminal(*words: str, typed: str = "") -> str:
    """Run a command on a pseudo-terminal and return what it shows."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "stillup", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=ENVIRONMENT,
    ) as process:
        os.close(theirs)
        os.write(ours, typed.encode())
        shown = b""
        try:
            while chunk := os.read(ours, 4096):
                shown += chunk
                # prompt_toolkit asks where the cursor is, and waits for the answer.
                if b"\x1b[6n" in chunk:
                    os.write(ours, b"\x1b[1;1R")
        except OSError:
            pass
        process.wait(timeout=30)
    os.close(ours)
    return shown.decode(errors="replace")


def test_a_torn_segment_is_named(stillup: Stillup, crawled: Path, tmp_path: Path) -> None:
    """A torn segment is left out and named on stderr; the answer is of the others."""
    run = Path(shutil.copytree(crawled, tmp_path / "run"))
    (run / "observations/shard=00000/00000002.parquet").write_bytes(b"PAR1 torn")
    done = stillup("sql", run, "select count(*) as n from observations where shard = 0")
    assert "observations/shard=00000/00000002.parquet is torn; set aside" in done.stderr
    assert done.stdout.split()[-1] == "19"


def test_status_tells_what_is_left(stillup: Stillup, crawled: Path, planned: Path) -> None:
    """The table and the JSON say the same, also of a run that nobody has crawled."""
    found = json.loads(stillup("status", crawled, "--format", "json").stdout)
    assert (found["round"], found["links"], found["done"], found["left"]) == (2, 38, 30, 8)
    shown = stillup("status", crawled).stdout
    assert "round 2" in shown
    assert "politeness asks for" in shown
    assert "nothing is crawled yet" in stillup("status", planned).stdout


def test_verdicts_tell_what_is_up(stillup: Stillup, crawled: Path, planned: Path) -> None:
    """Table, CSV and JSON have the share with its interval, within 80 columns."""
    shown = stillup("verdicts", crawled).stdout
    assert "95 % interval" in shown
    assert "cannot be asked for" in shown
    assert max(len(line) for line in shown.splitlines()) <= 80
    found = json.loads(stillup("verdicts", crawled, "--format", "json").stdout)
    share = found["share_of_links"]
    assert 0 < share["low"] < share["share"] < share["high"] < 1
    assert sum(one["links"] for one in found["by_verdict"]) == found["links"] == 40
    assert sum(one["links"] for one in found["by_outcome"]) == 40
    rows = list(csv.DictReader(io.StringIO(stillup("verdicts", crawled, "--format", "csv").stdout)))
    assert {row["part"] for row in rows} == {"verdict", "outcome", "up", "domain"}
    assert "No link is judged yet" in stillup("verdicts", planned).stdout


def test_publish_says_where(stillup: Stillup, crawled: Path, tmp_path: Path) -> None:
    """`publish` names the file that it made."""
    run = Path(shutil.copytree(crawled, tmp_path / "run"))
    assert str(run / "run.duckdb") in stillup("publish", run).stdout.replace("\n", "")
