"""The watch over a cluster's head: how long it has said nothing, whatever asking it comes to."""

import subprocess
import sys
import threading

import pytest

from crawler.engines.head import Head
from crawler.engines.leaving import leave
from tests.engines.crawls import until


def test_a_head_that_answers_is_never_silent() -> None:
    """Its latest answer is known at once, and it was silent for no longer than that ago."""
    head = Head(lambda: 7)
    head.watch()
    until(lambda: head.cores == 7, timeout_s=10)
    head.leave()
    assert head.silent_s() < 10


def test_a_head_that_fails_or_hangs_is_silent() -> None:
    """An error is no answer, and neither is a question that never ends; nobody waits for it."""
    hanging, asked = threading.Event(), threading.Event()

    def fail() -> int:
        asked.set()
        raise ConnectionRefusedError

    def hang() -> int:
        asked.set()
        hanging.wait(30)
        return 7

    for look in (fail, hang):
        asked.clear()
        head = Head(look)
        head.watch()
        assert asked.wait(10)
        before = head.silent_s()
        head.leave()
        assert (head.cores, head.silent_s() > before) == (0, True)
    hanging.set()


def test_leaving_a_cluster_that_answers() -> None:
    """Who can leave in order does, and has left then."""
    left = threading.Event()
    assert leave(left.set)
    assert left.is_set()


@pytest.mark.slow
def test_leaving_a_cluster_that_never_answers() -> None:
    """What would wait without end is left behind: the process ends, with status 1."""
    told = "import threading\nfrom crawler.engines.leaving import leave\n"
    told += "print(leave(lambda: threading.Event().wait()), flush=True)"
    command = [sys.executable, "-c", told]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "False\n", "")
