"""Files that are not whole yet: they outlive nobody, and nobody takes one from a living writer."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from storage import aside

WRITER = """
import sys, time
from pathlib import Path
from storage.aside import aside
with aside(Path(sys.argv[1])) as (path, file):
    print(path.name, flush=True)
    time.sleep(60)
"""


def test_what_is_swept_is_of_the_dead(tmp_path: Path) -> None:
    """A file that is being written stays; when its writer was killed, it goes."""
    folder = tmp_path / "table" / "shard=00000"
    folder.mkdir(parents=True)
    command = [sys.executable, "-c", WRITER, str(folder / "00000000.parquet")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        name = writer.stdout.readline().strip()
        aside.sweep(tmp_path, levels=2)
        assert names(folder) == [name]
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    for levels, leaving in ((1, ()), (2, ("table",))):
        aside.sweep(tmp_path, levels, leaving)
        assert names(folder) == [name]
    aside.sweep(tmp_path, levels=2)
    assert names(folder) == []


def test_what_another_machine_writes_is_left_for_a_day(tmp_path: Path) -> None:
    """Locks of another machine may not be seen: its file goes when nobody wrote to it for a day."""
    path = tmp_path / f".writing-{'0' * 8}{'a' * 16}-00000000.parquet"
    path.write_bytes(b"PAR1")
    aside.sweep(tmp_path)
    assert path.exists()
    long_ago = time.time() - 25 * 3600
    os.utime(path, (long_ago, long_ago))
    aside.sweep(tmp_path)
    assert not path.exists()


def test_a_file_is_whole_or_gone(tmp_path: Path) -> None:
    """What is given its name inside stays under it; nothing else stays, and nothing foreign goes."""
    foreign = tmp_path / ".writing-17-00000001.parquet"
    foreign.write_bytes(b"")
    with aside.aside(tmp_path / "whole") as (path, file):
        file.write(b"all of it")
        file.flush()
        os.link(path, tmp_path / "whole")
    with aside.aside(tmp_path / "given up"):
        pass
    aside.sweep(tmp_path)
    assert names(tmp_path) == [foreign.name, "whole"]
    assert (tmp_path / "whole").read_bytes() == b"all of it"


def names(folder: Path) -> list[str]:
    """Return what lies in a folder."""
    return sorted(path.name for path in folder.iterdir())
