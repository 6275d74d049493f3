"""`stillup plan` and `stillup refresh` as a person runs them."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from crawler.commands.plan import plan
from crawler.commands.refresh import refresh
from crawler.domains import PINNED_LIST
from crawler.plan.summary import duration, neutral
from crawler.records.errors import RunFailed
from tests.crawler.plan.planned import SAMPLE


def test_the_report(tmp_path: Path) -> None:
    """The report tells what was read, refused and estimated, and shows no control character."""
    messy = tmp_path / "messy.csv"
    messy.write_text("picture,words\nhttp://a.example/1,a cat\n\x1b[31mred,\ndata:;,\n")
    run = tmp_path / "run"
    told = CliRunner().invoke(plan, [str(run), str(SAMPLE), str(messy), "--shards", "2"])
    assert told.exit_code == 0, told.output
    assert "read 15,836 rows of 2 files" in told.output
    assert "url: column_1 (by its content)" in told.output
    assert "caption: column_0" in told.output
    assert "url: picture (by its content)" in told.output
    assert "refused 2 rows" in told.output
    assert r"1 no_scheme: no scheme, as \x1b[31mred" in told.output
    assert "\x1b" not in told.output
    assert "16.4%  alamy.com" in told.output
    assert "set by l7.alamy.com: 2,179 requests 1 s apart" in told.output
    assert f"stillup crawl {run}" in told.output


def test_the_plan_tables(tmp_path: Path) -> None:
    """plan/*.parquet hold the same for a program: sources, refusals, domains."""
    file = tmp_path / "a.tsv"
    file.write_text("a cat on a mat\thttp://a.example/1\na dog in fog\tnowhere\n")
    run = tmp_path / "run"
    CliRunner().invoke(plan, [str(run), str(file)], catch_exceptions=False)
    (source,) = pq.read_table(run / "plan" / "sources.parquet").to_pylist()
    assert (source["source"], source["rows"], source["header"]) == (str(file), 2, False)
    assert (source["url_column"], source["roles"]) == ("column_1", [("caption", "column_0")])
    refusals = pq.read_table(run / "plan" / "refusals.parquet").to_pylist()
    assert refusals == [{"reason": "no_scheme", "rows": 1, "example": "nowhere"}]
    domains = pq.read_table(run / "plan" / "domains.parquet").to_pylist()
    assert domains == [
        {"registered_domain": "a.example", "links": 1, "hosts": 1, "origins": 1, "shards": [0]}
    ]


def test_interrupt_cleans_up(tmp_path: Path) -> None:
    """Ctrl-C in the middle of a long list ends at once with status 1 and leaves nothing."""
    with (tmp_path / "long.txt").open("w") as file:
        for at in range(400_000):
            file.write(f"http://host{at % 1000}.example/{at}\n")
    command = [
        sys.executable,
        "stillup.py",
        "plan",
        str(tmp_path / "run"),
        str(tmp_path / "long.txt"),
    ]
    root = Path(__file__).parents[3]
    with subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True) as started:
        try:
            while not (tmp_path / "run" / ".planning" / "rows" / "00000001-0.text").exists():
                assert started.poll() is None
                time.sleep(0.02)
            started.send_signal(signal.SIGINT)
            _, errors = started.communicate(timeout=30)
        finally:
            started.kill()
    assert started.returncode == 1
    assert errors.strip() == "stillup: stopped"
    assert not (tmp_path / "run").exists()


def test_neutral_text() -> None:
    """Text from outside is cut, stays on its line and moves no cursor."""
    assert neutral("a\nb\x1b[2J\u202e\ud800") == r"a\nb\x1b[2J\u202e\ud800"
    assert neutral("x" * 100, 10) == "x" * 9 + "…"


def test_durations() -> None:
    """A duration is told in its two largest units."""
    told = [duration(seconds) for seconds in (5, 600, 12_000, 200_000)]
    assert told == ["5 s", "10 min", "3 h 20 min", "2 d 7 h"]


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A loopback mirror of the suffix list, and a cache folder for this test alone."""
    (tmp_path / "www").mkdir()
    handler = partial(_Quiet, directory=str(tmp_path / "www"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/list.dat"
        monkeypatch.setenv("TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS", url)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        yield tmp_path / "www" / "list.dat"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def test_refresh(mirror: Path, tmp_path: Path) -> None:
    """A newer list is kept for the user; a failure leaves the list in use and says so."""
    with pytest.raises(RunFailed, match="no suffix list could be fetched"):
        CliRunner().invoke(refresh, ["--only", "suffixes"], catch_exceptions=False)
    mirror.write_text("<html>not found</html>")
    with pytest.raises(RunFailed, match="no public suffix list"):
        CliRunner().invoke(refresh, ["--only", "suffixes"], catch_exceptions=False)
    mirror.write_bytes(b"// VERSION: 2031-01-01\n" + PINNED_LIST.read_bytes())
    told = CliRunner().invoke(refresh, ["--only", "suffixes"], catch_exceptions=False)
    assert "public suffix list 2031-01-01 kept" in told.output
    kept = tmp_path / "cache" / "stillup" / "public_suffix_list.dat"
    assert kept.read_bytes().endswith(PINNED_LIST.read_bytes())
