"""The table in docs/performance.md: what stands between its two markers is ours, the rest is not."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.crawl.cores import Cores
from bench.crawl.failed import BenchFailed
from bench.crawl.peers import IMG2DATASET_PYTHON
from bench.crawl.servers import nginx

PAGE = Path("docs/performance.md")
_OURS = ("stillup", "aiohttp", "uvloop", "scrapy", "twisted", "pyarrow")


def conditions(server: str, cores: Cores, picture_bytes: int) -> str:
    """One paragraph: the day, the machine, the versions, and how it was run."""
    versions = [
        f"Python {platform.python_version()}",
        *(f"{name} {version(name)}" for name in _OURS),
    ]
    if IMG2DATASET_PYTHON.exists():
        versions.append(f"img2dataset {_img2dataset_version()}")
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {cpu_model()}, {os.cpu_count()} cores, {platform.system()}; "
        f"{_server_version(server)}; {cores}; pictures of {picture_bytes / 1000:.1f} kB; "
        f"{', '.join(versions)}."
    )


def machine(*names: str, load: str = "") -> str:
    """One line: the day, the machine and what it was busy with, and the versions of packages."""
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {cpu_model()}, {os.cpu_count()} cores, {platform.system()}{load};"
        f" Python {platform.python_version()}, {versions}."
    )


def cpu_model() -> str:
    """The processor's name as the system tells it."""
    if Path("/proc/cpuinfo").exists():
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return _first_line(["sysctl", "-n", "machdep.cpu.brand_string"]) or platform.processor()


def _server_version(server: str) -> str:
    if server == "own":
        return "our own server"
    return _first_line([str(nginx()), "-v"]).removeprefix("nginx version: ").replace("/", " ")


def _img2dataset_version() -> str:
    asked = "from importlib.metadata import version; print(version('img2dataset'))"
    return _first_line([str(IMG2DATASET_PYTHON), "-c", asked])


def _first_line(command: list[str]) -> str:
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return (ran.stdout or ran.stderr).partition("\n")[0].strip()


def write(text: str, name: str = "bench/crawl", at: Path = PAGE) -> None:
    """Put `text` between a page's markers of a bench."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    page = at.read_text(encoding="utf-8")
    before, found_begin, rest = page.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise BenchFailed(f"{at} has lost its markers {begin} and {end}")
    at.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")
