"""A run that was made on this machine, put into the bucket that it is to lie in.

Room: disk. `run.toml` is put last, so a bucket that has one holds a whole plan. Whoever begins to
put a run there leaves a mark, by which a second plan knows that it is not alone; a plan that was
killed leaves it, and what it had put, to a person.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from crawler.plan.staging import STAGING
from crawler.records.errors import WrongUse, disk_failure
from crawler.records.layout import RUN_FILE
from crawler.spill import spill_folder
from storage.once import create_once
from storage.open import is_remote, open_store
from storage.store import Store


@contextmanager
def made_here(location: str) -> Iterator[Path]:
    """Yield where on this machine the run of a location is made; at the end it is where it belongs.

    Raises WrongUse where something else lies there, RunFailed where it cannot be put there.
    """
    if not is_remote(location):
        yield Path(location)
        return
    store = open_store(location)
    with _translated(location):
        _refuse_what_is_there(store)
    with spill_folder() as folder:
        yield folder / "run"
        with _translated(location):
            _put(folder / "run", store)


def _refuse_what_is_there(store: Store) -> None:
    there = store.names("")
    if STAGING in there:
        raise _at_work(store)
    if there:
        raise WrongUse(f"{store.location} is neither empty nor a run; plan into another prefix")


def _at_work(store: Store) -> WrongUse:
    text = f"another plan is at work in {store.location}; wait for it"
    return WrongUse(f"{text}, or if it was killed empty {store.location} and plan again")


def _put(run: Path, store: Store) -> None:
    """Put every file, `run.toml` last; where that fails, nothing stays. Raises OSError."""
    names = [path.relative_to(run).as_posix() for path in sorted(run.rglob("*")) if path.is_file()]
    try:
        store.create(STAGING, b"")
    except FileExistsError as error:
        raise _at_work(store) from error
    try:
        with ThreadPoolExecutor(store.at_once) as writers:
            for _ in writers.map(
                lambda name: store.replace(name, run / name), set(names) - {RUN_FILE}
            ):
                pass
        create_once(store, RUN_FILE, run / RUN_FILE)
    except BaseException:
        for name in names:
            with suppress(OSError):
                store.remove(name)
        raise
    finally:
        with suppress(OSError):
            store.remove(STAGING)


@contextmanager
def _translated(location: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise disk_failure(f"the plan cannot be put into {location}", error) from error
