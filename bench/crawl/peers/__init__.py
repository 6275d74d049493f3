"""The peers: how each is called, and where its digests are read when it is done."""

import csv
import sys
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pyarrow.parquet as pq

from crawler.options import load_policy

# Hosts at a time: what stillup's crawl is set to, for all who take a number of hosts.
IN_FLIGHT = load_policy().hosts_at_a_time
THREADS = 64  # for img2dataset
IMG2DATASET_PYTHON = Path("bench/.venv/img2dataset/bin/python")
_BIN = Path(sys.executable).parent

Command = list[str]


@dataclass(frozen=True, slots=True)
class Peer:
    """A program that walks a list. Each function is handed the list and the peer's own folder.

    `prepare` is run before the clock starts, `command` is timed, and `ask`, if any, prints the
    digests afterwards; `digests` turns the folder and what `ask` printed into URL → sha256.
    """

    name: str
    title: str
    command: Callable[[Path, Path], Command]
    digests: Callable[[Path, str], dict[str, str]]
    prepare: Callable[[Path, Path], Command] | None = None
    ask: Callable[[Path], Command] | None = None
    # False where starting takes so long and so variously that a list of single links drowns in it.
    singles: bool = True


def _program(module: str, *options: str) -> Callable[[Path, Path], Command]:
    def command(links: Path, folder: Path) -> Command:
        found = str(folder / "digests.tsv")
        return [sys.executable, "-m", f"bench.crawl.peers.{module}", str(links), found, *options]

    return command


def _img2dataset(manner: str) -> Callable[[Path, Path], Command]:
    def command(links: Path, folder: Path) -> Command:
        program = "bench/crawl/peers/img2dataset_files.py"
        target = str(folder / "files")
        return [str(IMG2DATASET_PYTHON), program, str(links), target, str(THREADS), manner]

    return command


def _plan(links: Path, folder: Path) -> Command:
    return [str(_BIN / "stillup"), "plan", str(folder / "run"), str(links), "--shards", "1"]


def _crawl(_links: Path, folder: Path) -> Command:
    # Naming the shard is what leaves out publishing run.duckdb: the peers end at their digests too.
    options = "--shard 0 --delay 0 --mode body --no-fingerprint --allow-network 127.0.0.0/8"
    contact = ["--contact", "mailto:bench@example.org"]
    return [str(_BIN / "stillup"), "crawl", str(folder / "run"), *options.split(), *contact]


def _ask_stillup(folder: Path) -> Command:
    query = "select url, sha256 from observations where final and outcome = 'ok'"
    return [str(_BIN / "stillup"), "sql", str(folder / "run"), query, "--format", "csv"]


def _from_tsv(folder: Path, _printed: str) -> dict[str, str]:
    lines = (folder / "digests.tsv").read_text().splitlines()
    return {url: digest for url, _, digest in (line.partition("\t") for line in lines)}


def _from_csv(_folder: Path, printed: str) -> dict[str, str]:
    return {row["url"]: row["sha256"] for row in csv.DictReader(StringIO(printed))}


def _from_parquet(folder: Path, _printed: str) -> dict[str, str]:
    digests: dict[str, str] = {}
    for path in sorted((folder / "files").glob("*.parquet")):
        table = pq.read_table(path, columns=["url", "sha256", "status"])
        for row in table.to_pylist():
            if row["status"] == "success":
                digests[row["url"]] = row["sha256"]
    return digests


_ALL = (
    Peer("stillup", "stillup", _crawl, _from_csv, prepare=_plan, ask=_ask_stillup),
    Peer("bare", "bare aiohttp + uvloop loop", _program("bare", str(IN_FLIGHT)), _from_tsv),
    Peer(
        "scrapy-aiohttp",
        "Scrapy, its aiohttp handler",
        _program("scrapy_links", str(IN_FLIGHT), "aiohttp"),
        _from_tsv,
    ),
    Peer(
        "scrapy-robots",
        "the same, obeying robots.txt as stillup does",
        _program("scrapy_links", str(IN_FLIGHT), "aiohttp-robots"),
        _from_tsv,
    ),
    Peer(
        "scrapy-default",
        "Scrapy, default handler",
        _program("scrapy_links", str(IN_FLIGHT), "default"),
        _from_tsv,
    ),
    Peer(
        "img2dataset",
        "img2dataset",
        _img2dataset("as-documented"),
        _from_parquet,
        singles=False,
    ),
    Peer(
        "img2dataset-lean",
        "img2dataset, no re-encoding",
        _img2dataset("leanest"),
        _from_parquet,
        singles=False,
    ),
)
PEERS = {peer.name: peer for peer in _ALL}
