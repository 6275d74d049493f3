"""The log of everything that reached us: one line a request and one line a DNS question.

Room: disk. The server process writes each line with one write call, so that whoever reads sees
every request that has been answered, also while the server runs and after it was killed.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import orjson

from tests.internet.messages import Request

REQUESTS = "requests.jsonl"
LOOKUPS = "lookups.jsonl"


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request that reached the fake internet, and the status that it was answered with.

    `monotonic_s` is the machine's monotonic clock, the same in every process; `wall_s` is Unix
    time; `ip` and `port` are ours. `status` is None where the answer had none (a stall, a reset).
    """

    monotonic_s: float
    wall_s: float
    host: str
    ip: str
    port: int
    scheme: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    connection_id: int
    status: int | None

    @property
    def url(self) -> str:
        """The URL that was asked, with the authority as the client wrote it, in lower case."""
        return f"{self.scheme}://{(self.header('host') or self.host).lower()}{self.target}"

    def header(self, name: str) -> str | None:
        """Return the first value of a header, or None; the name's case does not matter."""
        wanted = name.lower()
        return next((text for known, text in self.headers if known.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class LoggedLookup:
    """One DNS question; `rcode` is None where it was left without an answer."""

    monotonic_s: float
    wall_s: float
    name: str
    qtype: str
    transport: str
    rcode: str | None


class LogWriter:
    """Appends lines to one log file; each is visible to readers when the call returns."""

    def __init__(self, path: Path) -> None:
        """Open (and create) the file at `path`."""
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def request(self, asked: Request, status: int | None) -> None:
        """Note a request and what it is about to be answered with."""
        self._line(
            (
                asked.monotonic_s,
                asked.wall_s,
                asked.host,
                asked.ip,
                asked.port,
                asked.scheme,
                asked.method,
                asked.target,
                asked.head.decode("latin-1"),
                asked.connection_id,
                status,
            )
        )

    def lookup(self, asked: LoggedLookup) -> None:
        """Note a DNS question."""
        self._line(astuple(asked))

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _line(self, columns: Sequence[Any]) -> None:
        os.write(self._file, orjson.dumps(columns, option=orjson.OPT_APPEND_NEWLINE))


Row = TypeVar("Row")


class LogReader(Generic[Row]):
    """Reads a log that may still be written to; what was read once is not read again."""

    def __init__(self, path: Path, parse: Callable[[list[Any]], Row]) -> None:
        """Read the file at `path`, which need not exist yet, each line by `parse`."""
        self._path = path
        self._parse = parse
        self._read_bytes = 0
        self._rows: list[Row] = []

    def rows(self) -> list[Row]:
        """Return every whole line so far, in the order of arrival."""
        if self._path.exists():
            with self._path.open("rb") as file:
                file.seek(self._read_bytes)
                whole, _, _ = file.read().rpartition(b"\n")
            if whole:
                self._read_bytes += len(whole) + 1
                self._rows += [self._parse(orjson.loads(line)) for line in whole.split(b"\n")]
        return list(self._rows)


def logged_request(columns: list[Any]) -> LoggedRequest:
    """Return the request that a line of `REQUESTS` stands for."""
    monotonic_s, wall_s, host, ip, port, scheme, method, target, head, *rest = columns
    pairs = (line.partition(":") for line in head.split("\r\n")[1:])
    headers = tuple((name, text.strip()) for name, _, text in pairs)
    place = (host, ip, port, scheme)
    connection_id, status = rest
    return LoggedRequest(
        monotonic_s, wall_s, *place, method, target, headers, connection_id, status
    )


def logged_lookup(columns: list[Any]) -> LoggedLookup:
    """Return the question that a line of `LOOKUPS` stands for."""
    return LoggedLookup(*columns)
