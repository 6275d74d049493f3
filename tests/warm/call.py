"""A function of the tests in a process of its own: `python -m tests.warm.call MODULE NAME WORD...`."""

import importlib
import json
import subprocess
import sys
from collections.abc import Callable

from tests.warm.popen import ROOT, WarmPopen


def calling(function: Callable[..., object], *words: object) -> "subprocess.Popen[str]":
    """Begin to call a function of a module with words; it says what it returns, as JSON."""
    command = (sys.executable, "-m", "tests.warm.call", function.__module__, function.__name__)
    return WarmPopen([*command, *map(str, words)], cwd=ROOT, text=True, stdout=subprocess.PIPE)


def main() -> None:
    """Call the function."""
    module, name, *words = sys.argv[1:]
    print(json.dumps(getattr(importlib.import_module(module), name)(*words)))


if __name__ == "__main__":
    main()
