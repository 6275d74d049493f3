"""A shard in a process of its own, at the other end of a pipe: what every engine starts.

Room: cluster. The process is in a session of its own, so that Ctrl-C on a terminal never reaches
it; it is asked to stop over its pipe, which works from the first moment on. One whose engine is
gone notices at its next report and ends by itself, in an orderly way.
"""

import contextlib
import os
import subprocess
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from crawler.allocator import ENVIRONMENT
from crawler.records.shown import visible
from crawler.tally import Progress, ShardResult, StopAskedError, Trouble


@dataclass(frozen=True, slots=True)
class Child:
    """A running worker: its shard, its process, and our end of its pipe."""

    shard: int
    process: "subprocess.Popen[bytes]"
    pipe: Connection

    def listen(self) -> Progress | ShardResult:
        """Wait for its next word: how far it is, or how it ended, which is the last one."""
        try:
            message = self.pipe.recv()
        except (EOFError, OSError):
            message = self._died()
        if isinstance(message, Progress):
            return message
        assert isinstance(message, ShardResult)  # noqa: S101
        self.process.wait()
        self.pipe.close()
        return message

    def stop(self) -> None:
        """Ask it to finish what is in flight, to write it down, and to end."""
        with contextlib.suppress(OSError):
            self.pipe.send("stop")

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()

    def _died(self) -> ShardResult:
        code = self.process.wait()
        text = f"its worker died ({'signal' if code < 0 else 'exit status'} {abs(code)})"
        return ShardResult(self.shard, left=-1, failure=text, trouble=Trouble.DIED)


def start(run: str, shard: int, settings: Mapping[str, Any]) -> Child:
    """Start a worker on a shard. Raises OSError where no process can be started."""
    ours, theirs = Pipe()
    with theirs:
        end = theirs.fileno()
        command = [sys.executable, "-m", __name__, str(end)]
        process = subprocess.Popen(  # noqa: S603
            command,
            env=ENVIRONMENT | os.environ,
            pass_fds=[end],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
        )
    ours.send((run, shard, dict(settings)))
    return Child(shard, process, ours)


def work(pipe: Connection) -> None:
    """Walk the shard that the pipe names in this process, and send the result last."""
    try:
        run, shard, settings = pipe.recv()
    except (EOFError, OSError):
        return  # the engine was gone before it had said what to do
    result = _walked(pipe, run, shard, settings)
    with contextlib.suppress(OSError):
        # What is not read when a pipe closes takes what was sent with it.
        _asked_to_stop(pipe)
        pipe.send(result)


def _walked(pipe: Connection, run: str, shard: int, settings: Mapping[str, Any]) -> ShardResult:
    """Walk a shard. Whatever ends that before its time is the result, for the engine to say."""

    def report(progress: Progress) -> None:
        pipe.send(progress)
        if _asked_to_stop(pipe):
            raise StopAskedError

    try:
        from crawler.worker import crawl_shard  # Scrapy: seconds that the engine need not spend

        return crawl_shard(run, shard, settings, report)
    except BaseException as error:  # noqa: BLE001 - also an exit: the engine would know its number only
        traceback.print_exc()
        why = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        text = f"its worker died of a defect of stillup's own ({visible(why)})"
        return ShardResult(shard, left=-1, failure=text, trouble=Trouble.DIED)


def _asked_to_stop(pipe: Connection) -> bool:
    """Tell whether the engine wants this to end. Raises OSError when there is no engine any more."""
    try:
        return pipe.poll() and pipe.recv() == "stop"
    except EOFError as error:
        raise BrokenPipeError from error


if __name__ == "__main__":
    end = int(sys.argv[1])
    os.set_inheritable(end, False)
    work(Connection(end))
