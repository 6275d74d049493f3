"""The folder in which a plan is made, and the step that makes a run of it.

Room: disk. Touches nothing in a folder that is not empty and was not begun by a plan.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import duckdb

from crawler.records import layout
from crawler.records.errors import WrongUse, database_failure, disk_failure
from crawler.rundir import RunDirectory, holds_run, save_run
from storage.folder import sync

STAGING = ".planning"
_TABLES = (layout.LINKS, layout.DATASET_ROWS, layout.PLAN)


@contextmanager
def staging(run: Path) -> Iterator[Path]:
    """Yield an empty folder inside `run`, alone there; remove it at the end, whatever happens.

    Raise WrongUse where `run` is somebody's folder or another plan is at work in it.
    """
    folder = run / STAGING
    _begin(run, folder)
    with (folder / "lock").open("wb") as lock:
        _lock(lock, run)
        try:
            with _translated(run):
                _clear(run, folder)
                yield folder
        finally:
            _leave(run, folder)


def publish(made: Path, run: RunDirectory) -> None:
    """Move what was made to its place in the run, then write `run.toml`."""
    for table in _TABLES:
        (made / table).rename(run.path / table)
    sync(run.path)
    save_run(run)


def _begin(run: Path, folder: Path) -> None:
    try:
        if run.is_dir() and not folder.is_dir() and any(run.iterdir()):
            raise WrongUse(f"{run} is neither empty nor a run; plan into a new folder")
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongUse(f"{run} cannot hold a run: {error.strerror}") from error


def _lock(lock: BinaryIO, run: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise WrongUse(f"another plan is at work in {run}; wait for it") from error


def _clear(run: Path, folder: Path) -> None:
    """Remove what a plan that was killed left."""
    for table in _TABLES:
        shutil.rmtree(run / table, ignore_errors=True)
    for left in folder.iterdir():
        if left.is_dir():
            shutil.rmtree(left)
        elif left.name != "lock":
            left.unlink()


def _leave(run: Path, folder: Path) -> None:
    """Remove the staging folder, and where no run came of it, everything."""
    if not holds_run(run):
        _clear(run, folder)
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        run.rmdir()  # a folder that holds something stays


@contextmanager
def _translated(run: Path) -> Iterator[None]:
    """Turn a full disk or a failed query into one line."""
    try:
        yield
    except (duckdb.InterruptException, RuntimeError) as error:
        if "interrupt" not in str(error).lower():  # what DuckDB makes of Ctrl-C
            raise
        raise KeyboardInterrupt from error
    except OSError as error:
        raise disk_failure(f"the plan could not be made in {run}", error) from error
    except duckdb.Error as error:
        text = " ".join(str(error).split())[:300]
        raise database_failure(f"the plan could not be made in {run}: ", text) from error
