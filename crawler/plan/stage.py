"""All rows of all sources → files of staged rows, in the order of the sources.

Room: disk. Readers run here; parsing runs in other processes once a plan is large enough to pay
for them. Which process parsed a batch leaves no trace in the files.
"""

import gc
import secrets
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import count as count_up
from multiprocessing import get_context
from pathlib import Path

from crawler.plan import formats, rows
from crawler.plan.columns import Columns
from crawler.plan.formats.batch import Batch, ReadOptions, Unread
from crawler.plan.sample import Draw
from crawler.plan.sources import SourceFile, reading
from crawler.plan.staged import Place, StagedFile, write_staged
from crawler.plan.threads import cores
from crawler.records.errors import RunFailed, WrongUse

# Batches that one process parses before others are started: they take a second to come up.
_BATCHES_ALONE = 4
_MOST_PROCESSES = 8


@dataclass(slots=True)
class SourceRows:
    """One file as it was read: its columns and how many rows it has."""

    file: SourceFile
    rows: int = 0
    columns: Columns | None = None


@dataclass(slots=True)
class Staged:
    """What was read: the sources, the files of staged rows in order, and the refused rows."""

    sources: list[SourceRows] = field(default_factory=list)
    files: list[StagedFile] = field(default_factory=list)
    refused: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """The rows of all sources."""
        return sum(source.rows for source in self.sources)


@dataclass(frozen=True, slots=True)
class _Task:
    batch: Batch | Unread
    place: Place
    draw: Draw
    host_seed: int
    stem: Path


@dataclass(frozen=True, slots=True)
class _Parsed:
    files: list[StagedFile]
    refused: dict[str, tuple[int, str]]


def stage(
    files: Sequence[SourceFile],
    folder: Path,
    options: ReadOptions,
    draw: Draw,
    progress: Callable[[int], None],
) -> Staged:
    """Read every file to its end into `folder`; tell `progress` how many rows there are so far.

    Raise RunFailed, naming the file, where one cannot be read to its end.
    """
    result = Staged()
    folder.mkdir()
    with _Parsers() as parsers:
        for task in _tasks(files, folder, options, draw, result):
            progress(result.rows)
            parsers.give(task)
        for parsed in parsers.finish():
            result.files += parsed.files
            _add(result.refused, parsed.refused)
    return result


def _tasks(
    files: Sequence[SourceFile], folder: Path, options: ReadOptions, draw: Draw, result: Staged
) -> Iterator[_Task]:
    first_row = 0
    numbers = count_up()
    host_seed = secrets.randbits(64)  # nobody can make up hosts that share a key
    for source, file in enumerate(files):
        read = SourceRows(file)
        result.sources.append(read)
        for batch in _batches(file, options):
            read.columns = batch.columns
            place = Place(first_row, source, read.rows)
            read.rows += batch.rows
            first_row += batch.rows
            if batch.rows:
                yield _Task(batch, place, draw, host_seed, folder / f"{next(numbers):08d}")


def _batches(file: SourceFile, options: ReadOptions) -> Iterator[Batch | Unread]:
    """Yield a file's batches; an error that has no file in it gets one."""
    with reading(file):
        try:
            yield from formats.READERS[file.format](file, options)
        except WrongUse as error:
            raise WrongUse(f"{file.name}: {error}") from error


class _Parsers:
    """Parses batches here at first, then in other processes, never many ahead."""

    def __init__(self) -> None:
        self._pool: Executor | None = None
        self._waiting: deque[Future[_Parsed]] = deque()
        self._done: list[_Parsed] = []
        self._processes = min(cores(), _MOST_PROCESSES)

    def __enter__(self) -> "_Parsers":
        return self

    def __exit__(self, *error: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def give(self, task: _Task) -> None:
        """Parse a batch, now or soon."""
        if self._processes < 2 or len(self._done) < _BATCHES_ALONE:
            self._done.append(_parse(task))
            return
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._processes, mp_context=get_context("spawn"), initializer=_prepare
            )
        self._waiting.append(self._pool.submit(_parse, task))
        while len(self._waiting) > 2 * self._processes:
            self._collect()

    def finish(self) -> list[_Parsed]:
        """Wait for what is under way; return what came of every batch, in order."""
        while self._waiting:
            self._collect()
        return self._done

    def _collect(self) -> None:
        try:
            self._done.append(self._waiting.popleft().result())
        except BrokenProcessPool as error:
            raise RunFailed("a process that parsed rows was killed, out of memory?") from error


def _parse(task: _Task) -> _Parsed:
    parsed = _Parsed([], {})
    rows_before = 0
    for number, batch in enumerate(task.batch.read()):
        table = rows.staged(batch)
        stem = task.stem.with_name(f"{task.stem.name}-{number}")
        place = task.place.after(rows_before)
        parsed.files.append(StagedFile(stem, place, table.num_rows, table.nbytes))
        rows_before += table.num_rows
        _add(parsed.refused, rows.refusals(table))
        write_staged(parsed.files[-1], table, task.draw, task.host_seed)
    return parsed


def _add(total: dict[str, tuple[int, str]], more: dict[str, tuple[int, str]]) -> None:
    for reason, (count, example) in more.items():
        before, first = total.get(reason, (0, example))
        total[reason] = (before + count, first)


def _prepare() -> None:
    """Let the first process alone answer Ctrl-C; rows hold no cycles to look for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
