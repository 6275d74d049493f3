"""How the demo speaks: headings, and commands that are printed and then run.

Room: processes.
"""

import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.internet.internet import FakeInternet
from tests.internet.planted.inputs import Inputs

ROOT = Path(__file__).parents[3]
STILLUP = Path(sys.executable).parent / "stillup"


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo plays: a run, named as it is shown, on an internet that is up, with its inputs."""

    run: str
    internet: FakeInternet
    inputs: Inputs
    pace: tuple[str, ...]

    @property
    def path(self) -> Path:
        """The run's folder."""
        return ROOT / self.run

    def crawl(self) -> None:
        """Look at what this round's plan has."""
        stillup("crawl", self.run, *self.pace, hidden=self.internet.flags())


def named(file: Path) -> str:
    """Return how a file is named to a command: from the repository, where it lies in it."""
    return str(file.relative_to(ROOT) if file.is_relative_to(ROOT) else file)


def say(heading: str) -> None:
    """Begin a part of the demo."""
    print(f"\n== {heading}\n", flush=True)


def stillup(*arguments: str, hidden: Sequence[str] = ()) -> None:
    """Print a command and run it; `hidden` arguments lead it to the fake internet."""
    shown = " ".join(f'"{text}"' if "\n" in text else shlex.quote(text) for text in arguments)
    print(f"$ stillup {shown}{' …' if hidden else ''}\n", flush=True)
    done = subprocess.run([STILLUP, *arguments, *hidden], cwd=ROOT, check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)
