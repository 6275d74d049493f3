"""What is left to do of a shard, laid out on disk in the order in which it will be walked.

Room: disk. Planned in SQL (`agenda.sql`) with bounded memory and read by position, so that a
shard of ten million links takes no more memory than one of ten thousand.
"""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from crawler.politeness import Policy
from crawler.records import ParsedUrl, ShardLink
from crawler.records.layout import HOSTS, LINKS, OBSERVATIONS
from crawler.records.observation import HOSTS_SCHEMA, OBSERVATIONS_SCHEMA
from crawler.row_file import RowFile
from crawler.rundir import RunDirectory
from crawler.segments import readable

logger = logging.getLogger(__name__)

_DUE = (Path(__file__).parent / "agenda.sql").read_text(encoding="utf-8")

_INVALID = """
select link_id, url, invalid_reason from links
anti join (select link_id from observed where round = $round and final) as done using (link_id)
where invalid_reason is not null
"""

_PAUSED = """
select host, any_value(registered_domain) as registered_domain, max(blocked_until) as blocked_until
from hosts where blocked_until > $now group by host
"""

_DONE = "select count(*) from observed where round = $round and final"

_BATCH_ROWS = 2048
_MEMORY = "256MB"


@dataclass(frozen=True, slots=True)
class HostEntry:
    """The links of one host in the agenda: `count` rows from `start` on."""

    host: str
    registered_domain: str
    domain_shards: int
    start: int
    count: int


@dataclass(frozen=True, slots=True)
class InvalidLink:
    """A link that nobody can be asked for."""

    link_id: int
    url: str
    reason: str


@dataclass(frozen=True, slots=True)
class PausedHost:
    """A host that had asked for a pause when an earlier worker last saw it (UTC)."""

    host: str
    registered_domain: str
    blocked_until: datetime


class Agenda:
    """The links of a shard that are due this round, host after host."""

    def __init__(self, run: RunDirectory, shard: int, policy: Policy) -> None:
        with closing(_connection()) as connection:
            _name_relations(connection, run, shard, policy)
            parameters = {"round": run.round}
            self.total = _count(connection, "select count(*) from links", {})
            self.done = _count(connection, _DONE, parameters)
            paused = _laid_out(connection, _PAUSED, {"now": datetime.now(UTC)})
            self.paused = tuple(PausedHost(**row) for row in paused)
            paused.close()
            self._invalid = _laid_out(connection, _INVALID, parameters)
            delay_s = max(policy.pace.min_delay_s, 1e-3)
            self._due = _laid_out(connection, _DUE, parameters | {"delay_s": delay_s})

    def invalid(self) -> Iterator[InvalidLink]:
        """Yield the links that have no usable URL and no final observation yet."""
        for row in self._invalid:
            yield InvalidLink(row["link_id"], row["url"], row["invalid_reason"])

    def hosts(self) -> Iterator[HostEntry]:
        """Yield every host, the one that will take longest first."""
        row = 0
        while row < self._due.rows:
            first = self._due.read(row, 1)[0]
            domain, shards = first["registered_domain"], first["domain_shards"]
            yield HostEntry(first["host"], domain, shards, row, first["host_links"])
            row += first["host_links"]

    def links(self, start: int, count: int) -> list[ShardLink]:
        """Return the links in `count` rows from `start` on."""
        return [
            ShardLink(
                row["link_id"],
                ParsedUrl(row["wire_url"], row["scheme"], row["host"], row["port"]),
                row["attempts"],
            )
            for row in self._due.read(start, count)
        ]

    def close(self) -> None:
        """Let go of the files."""
        self._invalid.close()
        self._due.close()


def _connection() -> duckdb.DuckDBPyConnection:
    folder = tempfile.gettempdir()
    config: dict[str, Any] = {"memory_limit": _MEMORY, "threads": 2, "temp_directory": folder}
    return duckdb.connect(":memory:", config=config)


def _name_relations(
    connection: duckdb.DuckDBPyConnection, run: RunDirectory, shard: int, policy: Policy
) -> None:
    """Give the shard's links, observations and hosts, and the policy's paces, their names."""
    _name_files(connection, "observed", run.files(OBSERVATIONS, shard), OBSERVATIONS_SCHEMA)
    _name_files(connection, "hosts", run.files(HOSTS, shard), HOSTS_SCHEMA)
    links = [str(path) for path in run.files(LINKS, shard)]
    connection.read_parquet(links, hive_partitioning=False).create_view("links")
    paces = {
        "registered_domain": [name for name, _ in policy.domains],
        "delay_s": [pace.min_delay_s for _, pace in policy.domains],
    }
    schema = pa.schema([("registered_domain", pa.string()), ("delay_s", pa.float64())])
    connection.register("paces", pa.table(paces, schema=schema))


def _name_files(
    connection: duckdb.DuckDBPyConnection, name: str, paths: list[Path], schema: pa.Schema
) -> None:
    files = [str(path) for path in readable(paths, logger.warning)]
    if files:
        connection.read_parquet(files, hive_partitioning=False).create_view(name)
    else:
        connection.register(name, schema.empty_table())


def _count(connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any]) -> int:
    return int(connection.execute(sql, parameters).fetchall()[0][0])


def _laid_out(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any]
) -> RowFile:
    return RowFile(connection.sql(sql, params=parameters).to_arrow_reader(_BATCH_ROWS))
