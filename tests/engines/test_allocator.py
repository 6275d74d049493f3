"""Which allocator a worker's Arrow takes memory from."""

import subprocess
import sys
from pathlib import Path

import pytest

from crawler.engines import child


def test_arrow_takes_the_systems_memory_where_scrapy_reads_our_settings() -> None:
    """`scrapy crawl liveness` reads the settings before anything imports pyarrow."""
    told = "import crawler.settings, pyarrow; print(pyarrow.default_memory_pool().backend_name)"
    said = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "system"


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc what a process was started with")
def test_a_worker_is_started_with_the_systems_memory() -> None:
    """An engine says it in the worker's environment, whatever the worker imports first."""
    worker = child.start("nowhere", 0, {})
    try:
        environment = Path(f"/proc/{worker.process.pid}/environ").read_bytes()
    finally:
        worker.kill()
        worker.process.wait()
        worker.pipe.close()
    assert b"ARROW_DEFAULT_MEMORY_POOL=system\0" in environment
