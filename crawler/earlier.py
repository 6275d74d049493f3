"""Hosts that answered an earlier worker of the run, who may vouch for our own network again.

Room: disk. Read off the newest segments: of the shard itself, then of others. What they vouch for,
`crawler/visit/doubt.py` decides.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crawler.records import Invalid, Origin
from crawler.records.errors import disk_failure
from crawler.records.layout import OBSERVATIONS
from crawler.rundir import RunDirectory
from crawler.urls import parse_url

MOST_WITNESSES = 64
_MOST_FILES = 32
_MOST_BATCHES = 8  # of a file, which may be a large one that was compacted
_BATCH_ROWS = 4096


def earlier_witnesses(run: RunDirectory, shard: int) -> dict[str, Origin]:
    """Return hosts that answered, one a registered domain, at most 64. Raises RunFailed."""
    found: dict[str, Origin] = {}
    for path in _newest(run, shard):
        for domain, url in _answered(path):
            if domain not in found and (origin := _origin(url)) is not None:
                found[domain] = origin
            if len(found) == MOST_WITNESSES:
                return found
    return found


def _newest(run: RunDirectory, shard: int) -> list[Path]:
    """Return a few files of observations: the shard's own, newest first, then others' newest."""
    own = run.files(OBSERVATIONS, shard)[::-1]
    others = (run.files(OBSERVATIONS, plan.shard)[-1:] for plan in run.shards[:_MOST_FILES])
    beside = [path for paths in others for path in paths if path not in own]
    return [*own[: _MOST_FILES // 2], *beside][:_MOST_FILES]


def _answered(path: Path) -> Iterator[tuple[str, str]]:
    """Yield domain and URL of looks in a file that were answered; none of one that is damaged.

    Whose file it is sets it aside when its shard is walked.
    """
    columns = ["registered_domain", "url", "status"]
    try:
        with pq.ParquetFile(path) as file:
            batches = file.iter_batches(_BATCH_ROWS, columns=columns)
            for batch, _ in zip(batches, range(_MOST_BATCHES), strict=False):
                answered = batch.filter(pc.is_valid(batch["status"]))
                domains = answered["registered_domain"].to_pylist()
                yield from zip(domains, answered["url"].to_pylist(), strict=True)
    except (FileNotFoundError, pa.ArrowException):
        return
    except OSError as error:
        if error.errno is not None:
            raise disk_failure(f"cannot read {path}", error) from error


def _origin(url: str) -> Origin | None:
    parsed = parse_url(url)
    return None if isinstance(parsed, Invalid) else Origin(parsed.scheme, parsed.host, parsed.port)
