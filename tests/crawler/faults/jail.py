"""A place with mounts of its own: a small disk that is really full, a folder that is read-only.

Linux only, and only where a user may have a mount namespace. Nothing is mounted for anybody else,
and all of it is gone with the process that holds it.
"""

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from tests.runs import ROOT

_UNSHARE = ("unshare", "--mount", "--map-root-user", "--user")


class Jail:
    """`with Jail() as jail`: commands that see other mounts. Skips the test where there is none."""

    def __enter__(self) -> Self:
        """Begin a process whose mounts are its own."""
        try:
            self._holder = subprocess.Popen(
                [*_UNSHARE, "sh", "-c", "echo in; read wait"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except FileNotFoundError:
            pytest.skip("there is no unshare here: only Linux has mounts of one's own")
        assert self._holder.stdout is not None
        if not self._holder.stdout.readline():
            self._holder.wait()
            pytest.skip("nobody but root may mount anything here")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it, and with it every mount."""
        self._holder.communicate(b"\n", timeout=30)

    def run(self, *command: object) -> "subprocess.CompletedProcess[str]":
        """Run a command inside."""
        enter = ("nsenter", "-t", str(self._holder.pid), "-U", "-m", "--preserve-credentials")
        return subprocess.run(
            [*enter, "env", "-C", str(ROOT), *map(str, command)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def small_disk(self, folder: Path, kibibytes: int) -> None:
        """Mount a disk of that size on a folder."""
        options = f"size={kibibytes}k,nr_inodes=2000"
        self._must("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder)

    def read_only(self, folder: Path) -> None:
        """Make a folder one that nobody writes to."""
        self._must("mount", "--bind", folder, folder)
        self._must("mount", "-o", "remount,ro,bind", folder)

    def fill(self, folder: Path, left_kibibytes: int = 0) -> None:
        """Write into `filler` until so much is left of the disk under a folder."""
        script = "d=$1; dd if=/dev/zero of=$d/filler bs=4k 2>/dev/null; truncate -s -$2 $d/filler"
        self.run("sh", "-c", script, "fill", folder, left_kibibytes * 1024)

    def free(self, folder: Path) -> None:
        """Make room again."""
        self._must("rm", folder / "filler")

    def stillup(
        self, *commands: list[object], **variables: object
    ) -> list["subprocess.CompletedProcess[str]"]:
        """Run commands of stillup inside, one after the other, in one process."""
        texts = [[str(argument) for argument in command] for command in commands]
        variables_ = [f"{name}={text}" for name, text in variables.items()]
        here = "tests.crawler.faults.commands"
        done = self.run("env", *variables_, sys.executable, "-m", here, json.dumps(texts))
        assert done.returncode == 0, done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return [subprocess.CompletedProcess(**one) for one in found]

    def _must(self, *command: object) -> None:
        done = self.run(*command)
        assert done.returncode == 0, (command, done.stderr)
