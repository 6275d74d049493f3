"""A worker's process: whatever ends it, the engine can say what it was."""

import subprocess
import sys
from multiprocessing import Pipe

import pytest

from crawler.engines.child import start
from crawler.tally import ShardResult, Trouble

pytestmark = pytest.mark.slow  # Scrapy in a process of its own: seconds


def test_a_worker_that_fails_says_of_what(capfd: pytest.CaptureFixture[str]) -> None:
    """An error that nobody foresaw is in the result, and where it came from on the error stream."""
    child = start("nowhere", 3, {"LOG_LEVEL": "LOUD"})
    result = child.listen()
    assert isinstance(result, ShardResult)
    assert (result.shard, result.trouble) == (3, Trouble.DIED)
    assert result.failure is not None
    assert "its worker died of a defect" in result.failure
    assert "LOUD" in result.failure
    assert "Traceback" in capfd.readouterr().err


def test_a_worker_whose_engine_is_gone_ends_quietly() -> None:
    """Where the engine died before it had said what to do, there is nothing to say."""
    ours, theirs = Pipe()
    command = [sys.executable, "-m", "crawler.engines.child", str(theirs.fileno())]
    with subprocess.Popen(command, pass_fds=[theirs.fileno()], stderr=subprocess.PIPE) as child:
        theirs.close()
        ours.close()
        _, said = child.communicate(timeout=30)
    assert (child.returncode, said) == (0, b"")
