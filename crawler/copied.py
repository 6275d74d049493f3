"""A shard of a run that lies in a bucket, copied to this machine to be walked.

Room: disk. DuckDB and the frontier read a shard here and there, many times: from a copy among the
temporary files. What is written goes to the bucket (`SegmentWriter`), but for the paces of hosts,
which change with every request and are put there every few seconds.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import time

from crawler import paces
from crawler.records import layout
from crawler.records.errors import RunFailed, disk_failure
from crawler.rundir import RunDirectory
from crawler.spill import spill_folder
from storage.store import Store

logger = logging.getLogger(__name__)

PACES_S = 5.0
_LISTINGS = 20
_WITNESSES = 4  # other shards whose last segment is copied, for `crawler/earlier.py`


@contextmanager
def at_hand(
    run: RunDirectory, shard: int, is_held: Callable[[], bool] = lambda: True
) -> Iterator[RunDirectory]:
    """Yield a run with this shard on this machine: itself, or a copy. Raises RunFailed.

    Who does not hold the shard any more leaves alone what another worker keeps of it.
    """
    if not run.is_remote:
        yield run
        return
    with copied(run, _folders(run, shard)) as copy:
        for other in [plan.shard for plan in run.shards if plan.shard != shard][:_WITNESSES]:
            _copy(copy, layout.shard_folder(layout.OBSERVATIONS, other), _last)
        _copy(copy, layout.PACES, lambda names: paces.wanted(names, shard, time()))
        with _paces_kept(copy, shard, is_held):
            yield copy


@contextmanager
def copied(run: RunDirectory, folders: Iterable[str]) -> Iterator[RunDirectory]:
    """Yield a run whose folders lie on this machine, and whose home is the bucket. Raises RunFailed."""
    if not run.is_remote:
        yield run
        return
    store = run.store
    with spill_folder() as folder:
        copy = replace(run, location=str(folder), home=store)
        for name in folders:
            _copy(copy, name, _wanted)
        yield copy


def _folders(run: RunDirectory, shard: int) -> list[str]:
    """Return what a worker needs of a run."""
    tables = [layout.LINKS, layout.OBSERVATIONS, layout.HOSTS]
    tables += [layout.ROUNDS] if run.round > 1 else []
    return [layout.shard_folder(table, shard) for table in tables]


def _wanted(names: list[str]) -> list[str]:
    """Return the files of a folder that are read: of segments the live ones, and all others."""
    segments = {name for name in names if layout.segment_range(name) is not None}
    live = set(layout.live(segments))
    return [name for name in names if name in live or name not in segments]


def _last(names: list[str]) -> list[str]:
    return layout.live(names)[-1:]


def _copy(run: RunDirectory, folder: str, wanted: Callable[[list[str]], list[str]]) -> None:
    """Copy the wanted files of a folder. Raises RunFailed.

    Where one is gone, what it held is in a file that was not listed yet: the folder is listed again.
    """
    store = run.store_of_segments
    try:
        with ThreadPoolExecutor(store.at_once) as copiers:
            for _ in range(_LISTINGS):
                names = [f"{folder}/{name}" for name in wanted(store.names(folder))]
                missing = [name for name in names if not (run.path / name).exists()]
                if all(list(copiers.map(partial(_copy_one, store, run.path), missing))):
                    return
    except OSError as error:
        raise disk_failure(f"cannot copy {store.location} to this machine", error) from error
    raise RunFailed(f"{store.location}/{folder} changes too fast to be copied; try again")


def _copy_one(store: Store, folder: Path, name: str) -> bool:
    """Copy a file and tell whether it was there still.

    Of one that was set aside only the name is copied, whose number may not be used again.
    """
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        is_aside = layout.set_aside_from(target.name) is not None
        target.write_bytes(b"" if is_aside else store.read(name))
    except FileNotFoundError:
        return False
    return True


@contextmanager
def _paces_kept(run: RunDirectory, shard: int, is_held: Callable[[], bool]) -> Iterator[None]:
    """Put a shard's paces into the bucket as they change, and at the end."""
    ended = threading.Event()
    keeper = threading.Thread(target=_keep, args=(run, shard, is_held, ended), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ended.set()
        keeper.join()


def _keep(
    run: RunDirectory, shard: int, is_held: Callable[[], bool], ended: threading.Event
) -> None:
    """Put the paces there whenever there are others. What cannot be kept is told of, once, and borne."""
    before: dict[str, bytes] = {}  # the first time it is also said that the shard was begun
    has_failed = is_last = False
    while is_held():
        try:
            before = _put(run, before, _paces_of_use(run, shard) or before)
        except OSError as error:
            if not has_failed:
                logger.warning("the pace of hosts cannot be kept for a restart: %s", error.strerror)
            has_failed = True
        if is_last:
            return
        is_last = ended.wait(PACES_S)


def _paces_of_use(run: RunDirectory, shard: int) -> dict[str, bytes] | None:
    """Return the lines of each of a shard's files, or None while one gets its last name."""
    try:
        return paces.of_use(run.folder(layout.PACES), shard, time())
    except FileNotFoundError:
        return None


def _put(
    run: RunDirectory, before: Mapping[str, bytes], now: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Put the files into the bucket that have changed, and remove those that have another name now."""
    store = run.store_of_segments
    for name, lines in now.items():
        if before.get(name) != lines:
            store.replace(f"{layout.PACES}/{name}", lines)
    for name in before.keys() - now.keys():
        store.remove(f"{layout.PACES}/{name}")
    return dict(now)
