"""A process that was forked cannot be told from one that was started."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.engines.crawls import until
from tests.runs import ROOT, STILLUP, begun, planned
from tests.warm import WarmPopen


def said(popen: Any, *words: object, typed: str = "", **options: Any) -> tuple[int, str, str]:
    """Return the exit status of a command, and all that it says."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    command = [*STILLUP, *map(str, words)]
    with popen(command, text=True, **{"cwd": ROOT} | pipes | options) as process:
        out, err = process.communicate(typed, timeout=60)
    return process.returncode, out, err


@pytest.mark.parametrize("words", [("--help",), ("sql", "RUN"), ("plan", "RUN", "nowhere")])
def test_it_says_and_does_the_same(tmp_path: Path, words: tuple[str, ...]) -> None:
    """What is typed, the environment and the folder arrive; words and exit status come back."""
    run = planned(tmp_path, ["http://one.test/"])
    given = [run.name if word == "RUN" else word for word in words]
    options: dict[str, Any] = {
        "cwd": tmp_path,
        "env": os.environ | {"COLUMNS": "60"},
        "typed": "select 7 as n;\n",
    }
    ways = (subprocess.Popen, WarmPopen)
    started, forked = (said(popen, *given, **options) for popen in ways)
    assert forked == started
    assert forked[1] + forked[2]


def test_what_python_reads_at_its_start_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command for which modules lie elsewhere finds them there, whatever was forked before."""
    assert said(WarmPopen, "--version")[0] == 0
    (tmp_path / "click.py").write_text("raise SystemExit(7)\n", encoding="ascii")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert said(WarmPopen, "--version")[0] == 7


@pytest.mark.skipif(sys.platform != "linux", reason="nothing is forked but on Linux")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_signal_ends_it(tmp_path: Path, number: signal.Signals) -> None:
    """It has a pid and open files of its own, and ends of a signal as any other does."""
    run = planned(tmp_path, ["http://one.test/"])
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with begun("sql", run, **pipes) as process:
        until(lambda: _open_files(process.pid) == {"0", "1", "2"})
        assert process.poll() is None
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (-number, "")


def _open_files(pid: int) -> set[str]:
    return {file.name for file in Path(f"/proc/{pid}/fd").iterdir()}
