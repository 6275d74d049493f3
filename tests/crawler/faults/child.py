"""Crawls in processes of their own, with faults, and a place to put them where mounts are theirs."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.runs import ROOT, STILLUP

_HERE = Path(__file__).parent


def environment(faults: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment of a child with faults; see `sitecustomize`."""
    path = os.pathsep.join(filter(None, [str(_HERE), os.environ.get("PYTHONPATH")]))
    return os.environ | {"PYTHONPATH": path, "STILLUP_FAULTS": json.dumps(faults)}


def begun(arguments: list[object], faults: Mapping[str, Any]) -> "subprocess.Popen[str]":
    """Begin a command of stillup with faults."""
    return subprocess.Popen(
        [*STILLUP, *map(str, arguments)],
        cwd=ROOT,
        env=environment(faults),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ended(
    arguments: list[object], faults: Mapping[str, Any], timeout_s: float = 120
) -> "subprocess.CompletedProcess[str]":
    """Run a command of stillup with faults to its end."""
    with begun(arguments, faults) as child:
        try:
            out, err = child.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            child.kill()
            raise
    return subprocess.CompletedProcess(child.args, child.returncode, out, err)
