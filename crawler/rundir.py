"""A run directory on disk: `run.toml`, which says what was planned, and where its files are.

Room: disk. Knows where a run's files lie, not what they mean. `run.toml` is written last and in
one step, so a directory that has one holds a whole plan. Locations go about as text, as a run may
lie on object storage; only `_local` turns one into a path.
"""

import os
import tempfile
import tomllib
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import tomli_w

from crawler.records import layout
from crawler.records.errors import RunFailed, WrongUse, disk_failure
from storage.folder import sync
from storage.open import is_remote, open_store
from storage.store import Store

_NAMES = {"largest_host", "largest_domain"}

# The version of the run directory's format; a run of another format is refused.
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """What `stillup plan` was asked for, so that it can be asked again."""

    sources: tuple[str, ...]
    shards: int | None = None
    format: str | None = None
    url_column: str | None = None
    caption_column: str | None = None
    sample: float = 1.0
    max_per_domain: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTotals:
    """The dataset before the sample (`dataset_*`) and what the run holds of it.

    `links` counts the run's links, the `invalid_links` among them.
    """

    files: int
    dataset_rows: int
    dataset_links: int
    rows: int
    links: int
    invalid_links: int
    hosts: int
    origins: int
    registered_domains: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardPlan:
    """One shard: its size, and the host and domain that will take longest at equal pace.

    `*_shards` is over how many shards the domain in question is split.
    """

    shard: int
    links: int
    invalid_links: int = 0
    hosts: int = 0
    largest_host: str | None = None
    largest_host_links: int = 0
    largest_host_shards: int = 1
    largest_domain: str | None = None
    largest_domain_links: int = 0
    largest_domain_shards: int = 1

    @property
    def slowness(self) -> tuple[int, int]:
        """Sort key: the larger, the longer politeness makes the shard last."""
        return self.largest_host_links * self.largest_host_shards, self.links


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDirectory:
    """A planned run. `round` is the round that a crawl looks at now; `planned_at` is UTC.

    `home` is where the run lies of which this is a copy (`crawler/copied.py`).
    """

    location: str
    planned_at: datetime
    stillup_version: str
    suffix_list_version: str
    round: int
    options: PlanOptions
    totals: PlanTotals
    shards: tuple[ShardPlan, ...]
    home: Store | None = None

    @property
    def is_remote(self) -> bool:
        """Tell whether the run lies in no folder of this machine."""
        return is_remote(self.location)

    @property
    def store(self) -> Store:
        """Return the store at the run's location."""
        return open_store(self.location)

    @property
    def store_of_segments(self) -> Store:
        """Return the store that segments are written to: of a copy, where the run lies."""
        return self.store if self.home is None else self.home

    def told(self, text: str) -> str:
        """Return a text that speaks of the run where it lies, and not of a copy."""
        return text if self.home is None else text.replace(self.location, self.home.location)

    @property
    def path(self) -> Path:
        """Return the run's folder on this machine."""
        return _local(self.location)

    def biggest_first(self) -> tuple[ShardPlan, ...]:
        """Return the shards in the order in which a crawl should start them."""
        return tuple(sorted(self.shards, key=lambda shard: shard.slowness, reverse=True))

    def folder(self, table: str, shard: int | None = None) -> Path:
        """Return the folder of a table, or of one shard of it; it may not exist yet."""
        return self.path / (table if shard is None else layout.shard_folder(table, shard))

    def files(self, table: str, shard: int | None = None) -> list[Path]:
        """Return the live files of a table, or of one shard of it, in order (`layout.live`)."""
        folder = self.folder(table, shard)
        folders = sorted([folder, *folder.glob("shard=*")])
        return [at / name for at in folders for name in layout.live(_names(at))]


def open_run(location: str | Path) -> RunDirectory:
    """Open the run at `location`; raise RunFailed where there is none that can be read."""
    try:
        content = tomllib.loads(open_store(location).read(layout.RUN_FILE).decode("utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise RunFailed(f"{location} holds no run; make one: stillup plan RUN SOURCE") from error
    except OSError as error:
        raise disk_failure(f"{location} cannot be read as a run", error) from error
    except (ValueError, RecursionError) as error:
        raise _damaged(location, error) from error
    if content.get("format") != FORMAT:
        raise RunFailed(f"{location} has run format {content.get('format')}, not {FORMAT}")
    try:
        return _from_toml(str(location), content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(location, error) from error


def ensure_writable(run: RunDirectory) -> None:
    """Raise RunFailed if nothing can be written into a run: before anybody is asked for anything."""
    try:
        if run.is_remote:
            _try_to_put(run.store)
        else:
            try_to_write(run.path)
    except OSError as error:
        raise disk_failure(f"cannot write in {run.location}", error) from error


def holds_run(location: str | Path) -> bool:
    """Tell whether a whole plan lies at `location`. Raises RunFailed where that cannot be known."""
    if not is_remote(location):
        return (_local(location) / layout.RUN_FILE).is_file()
    try:
        return layout.RUN_FILE in open_store(location).names("")
    except OSError as error:
        raise disk_failure(f"{location} cannot be read", error) from error


def save_run(run: RunDirectory) -> None:
    """Write `run.toml` in one step; what it speaks of must be on disk by now."""
    target = run.path / layout.RUN_FILE
    aside = target.with_name(f".{layout.RUN_FILE}")
    with aside.open("wb") as file:
        tomli_w.dump(_to_toml(run), file)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(target)
    sync(run.path)


def _damaged(location: str | Path, error: Exception) -> RunFailed:
    cause = " ".join(str(error).split())[:200] if str(error) else type(error).__name__
    text = f"{location} cannot be read as a run: {layout.RUN_FILE} is damaged ({cause})"
    return RunFailed(f"{text}; put back a copy of it, or plan the run anew")


def try_to_write(folder: Path) -> None:
    """Write a block that nobody sees into a folder. Raises OSError where that cannot be done."""
    with tempfile.TemporaryFile(dir=folder, prefix=".probe-", buffering=0) as file:
        file.write(bytes(4096))
        os.fsync(file.fileno())


def _try_to_put(store: Store) -> None:
    """Put a block that nobody sees into a store, and take it away. Raises OSError."""
    name = f".probe-{uuid.uuid4().hex}"
    store.create(name, bytes(4096))
    store.remove(name)


def _local(location: str | Path) -> Path:
    """Return a location as a path, for what can be done in a folder alone. Raises WrongUse."""
    if is_remote(location):
        raise WrongUse(f"{location}: this needs a run in a folder; copy the run to this machine")
    return Path(location)


def _names(folder: Path) -> list[str]:
    """Return what a folder holds: read until two readings agree, as a compaction may be at work."""
    names, again = _read_names(folder), _read_names(folder)
    while names != again:
        names, again = again, _read_names(folder)
    return names


def _read_names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []


def _to_toml(run: RunDirectory) -> dict[str, Any]:
    fields = {key: value for key, value in asdict(run).items() if key not in {"location", "home"}}
    shards = [_without_null(shard) for shard in fields.pop("shards")]
    options = _without_null(fields.pop("options"))
    return {"format": FORMAT, **fields, "options": options, "shards": shards}


def _without_null(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}


def _from_toml(location: str, content: dict[str, Any]) -> RunDirectory:
    options = content["options"]
    run = RunDirectory(
        location=location,
        planned_at=content["planned_at"],
        stillup_version=content["stillup_version"],
        suffix_list_version=content["suffix_list_version"],
        round=content["round"],
        options=PlanOptions(**options | {"sources": tuple(options["sources"])}),
        totals=PlanTotals(**content["totals"]),
        shards=tuple(ShardPlan(**shard) for shard in content["shards"]),
    )
    _refuse_nonsense(run)
    return run


def _refuse_nonsense(run: RunDirectory) -> None:
    """Raise ValueError where a value that others count with cannot be one."""
    counts: dict[str, Any] = {"round": run.round} | asdict(run.totals)
    for shard in run.shards:
        fields = asdict(shard).items()
        counts |= {f"{key} of a shard": value for key, value in fields if key not in _NAMES}
    for name, count in counts.items():
        if type(count) is not int or count < 0:
            text = f"{name} is {count!r}, not a number"
            raise ValueError(text)
    if run.round < 1 or len({shard.shard for shard in run.shards}) != len(run.shards):
        raise ValueError("its rounds or shards are not counted as they should be")
