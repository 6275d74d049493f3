"""The SLURM example: run with an array task's variables, beside an `scontrol` that notes its calls."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import MakeInternet
from tests.engines.crawls import HOSTS, SLOW_POLICY, URLS, asked, planned_slow, until, workers_of
from tests.internet import FakeInternet
from tests.runs import ROOT, crawl_arguments, finals, planned

SCRIPT = ROOT / "deploy" / "slurm" / "crawl.sbatch"
TASK = {"SLURM_ARRAY_JOB_ID": "4711", "SLURM_ARRAY_TASK_ID": "0"}
CONTACT = ("--contact", "https://example.org/test")


def begun(
    folder: Path, *arguments: object, restarts: int = 0, task: int = 0
) -> "subprocess.Popen[str]":
    """Begin the script as an array task; what it asks of `scontrol` goes to a file in `folder`."""
    scontrol = folder / "scontrol"
    scontrol.write_text(f'#!/bin/sh\necho "$@" >>{folder}/asked\n', encoding="ascii")
    scontrol.chmod(0o700)
    path = os.pathsep.join([str(folder), str(Path(sys.executable).parent), os.environ["PATH"]])
    own = {"PATH": path, "SLURM_ARRAY_TASK_ID": str(task), "SLURM_RESTART_COUNT": str(restarts)}
    command = ["bash", str(SCRIPT), *map(str, arguments)]
    return subprocess.Popen(
        command, env=os.environ | TASK | own, cwd=ROOT, stderr=subprocess.PIPE, text=True
    )


def ended(script: "subprocess.Popen[str]", folder: Path) -> tuple[int, str]:
    """Return the script's exit status, and what it asked of `scontrol`."""
    _, said = script.communicate(timeout=90)
    assert "Traceback" not in said
    calls = folder / "asked"
    text = calls.read_text(encoding="ascii") if calls.exists() else ""
    calls.unlink(missing_ok=True)
    return script.returncode, text


def options(internet: FakeInternet, run: Path) -> list[object]:
    """Return the arguments of the script for a crawl on the fake internet."""
    return crawl_arguments(run, internet, policy=SLOW_POLICY)[1:]


@pytest.mark.slow
def test_a_task_that_is_done_says_so_however_often(tmp_path: Path) -> None:
    """The exit status is 0 when the shard is done, also when it was done before."""
    run = planned(tmp_path, ["not a url"])
    assert ended(begun(tmp_path, run, *CONTACT), tmp_path) == (0, "")
    assert ended(begun(tmp_path, run, *CONTACT), tmp_path) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize(("restarts", "calls"), [(0, "requeue 4711_0\n"), (20, "")])
def test_a_task_that_fails_goes_back_to_the_queue(
    tmp_path: Path, restarts: int, calls: str
) -> None:
    """The exit status is 1 when the shard failed, which is tried again so many times."""
    run = planned(tmp_path, ["not a url"])
    shutil.rmtree(run / "links")
    script = begun(tmp_path, run, *CONTACT, restarts=restarts)
    assert ended(script, tmp_path) == (1, calls)


def test_wrong_use_is_not_tried_again(tmp_path: Path) -> None:
    """A shard that the run does not have ends the task with 2."""
    run = planned(tmp_path, ["not a url"])
    assert ended(begun(tmp_path, run, *CONTACT, task=7), tmp_path) == (2, "")


@pytest.mark.slow
def test_preemption_stops_in_order_and_queues_the_rest(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """SIGTERM to the script: what is in flight is written, the task waits in the queue, and goes on."""
    internet = make_internet(*HOSTS)
    run = planned_slow(tmp_path)
    script = begun(tmp_path, *options(internet, run), restarts=99)
    until(asked(internet, 8))
    script.send_signal(signal.SIGTERM)
    assert ended(script, tmp_path) == (1, "requeue 4711_0\n")
    assert workers_of(run) == []
    seen = set(finals(run))
    assert seen == {entry.url for entry in internet.log()} & set(URLS)
    assert seen
    assert ended(begun(tmp_path, *options(internet, run)), tmp_path) == (0, "")
    assert set(finals(run)) > seen


def test_slurm_reads_every_directive() -> None:
    """Directives stand before the first command, or SLURM would not see them, one option a line."""
    lines = SCRIPT.read_text(encoding="utf-8").splitlines()
    first = next(n for n, line in enumerate(lines) if line and not line.startswith("#"))
    directives = [line for line in lines if line.startswith("#SBATCH")]
    assert directives == [line for line in lines[:first] if line.startswith("#SBATCH")]
    assert all(re.fullmatch(r"#SBATCH --[a-z-]+(=\S+)?", line) for line in directives)
    assert {"#SBATCH --requeue", "#SBATCH --signal=B:TERM@120"} <= set(directives)


def test_the_script_is_sound_shell() -> None:
    """Bash takes it, and shellcheck, where there is one, has nothing to say."""
    subprocess.run(["bash", "-n", str(SCRIPT)], check=True)
    if checker := shutil.which("shellcheck"):
        subprocess.run([checker, str(SCRIPT)], check=True)
