"""What is left to do of a shard, laid out on disk in the order in which it will be walked.

Room: disk. Comes after the recorder has proved the segments (`crawler/recorder.py`), and proves
the links itself. Planned in SQL (`agenda.sql`), a stretch of links at a time (`laid_out.py`), and read by position, so
that a shard of ten million links takes no more memory than one of ten thousand.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from crawler.alongside import Alongside, Question
from crawler.by_time import hosts_by_time
from crawler.database import in_memory
from crawler.laid_out import BATCH_ROWS, each, hosts_of, no_links
from crawler.politeness import Policy
from crawler.records import ParsedUrl, ShardLink
from crawler.records.errors import RunFailed, database_failure, disk_failure
from crawler.records.layout import HOSTS, LINKS, OBSERVATIONS
from crawler.records.link import LINKS_SCHEMA
from crawler.records.observation import HOSTS_SCHEMA, OBSERVATIONS_SCHEMA
from crawler.rounds import whole_plan
from crawler.row_file import RowFile
from crawler.rundir import RunDirectory
from crawler.sealed import fault
from crawler.segment_rows import segment_rows
from crawler.so_far import SoFar
from crawler.spill import spill_folder

_DUE = (Path(__file__).parent / "agenda.sql").read_text(encoding="utf-8")

_LOOKS = (
    "select link_id, final, attempt from observations where round = $round and link_id is not null"
)
_SEEN = (Path(__file__).parent / "seen.sql").read_text(encoding="utf-8")

_PLAN = """
select link_id, if_none_match, if_modified_since, conditions_url
from read_parquet($plan, hive_partitioning = false)
"""
_PLANNED_AT = "select * from every_row join places using (link_id)"

_INVALID = """
select wanted.link_id, url, invalid_reason
from wanted left join seen on wanted.link_id = seen.link_id
where invalid_reason is not null and not coalesce(is_done, false)
"""

# What was learned last counts; visits are numbered in their order, whatever the clock said.
_PAUSED = """
select
    host,
    any_value(registered_domain) as registered_domain,
    arg_max_null(blocked_until, visit_id) as blocked_until,
    arg_max(last_at, visit_id) as last_at
from hosts group by host having arg_max_null(blocked_until, visit_id) > $now
"""

# The first round looks at every link, a later one at those of its plan.
_EVERY_LINK = """
create view wanted as
select
    *,
    null::varchar as if_none_match,
    null::varchar as if_modified_since,
    null::varchar as conditions_url
from links
"""
_PLANNED = """
create view wanted as
select links.*, if_none_match, if_modified_since, conditions_url
from links join planned using (link_id)
"""

_SHARD_BITS = 40  # visits that a shard may have before it reaches the numbers of the next
_MEMORY = "48MB"  # for a stretch of links


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
    """A host that had asked for a pause when an earlier worker last saw it.

    Times are UTC, by the clock of that worker's machine; `last_at` is of its last request.
    """

    host: str
    registered_domain: str
    blocked_until: datetime
    last_at: datetime | None

    def pause_s(self, now: datetime, most_s: float) -> float:
        """Return what is left of the pause: never more than was asked for.

        `now` may be of a clock that was put back since; `most_s` is waited at the most where it
        is not known how much was asked for.
        """
        left_s = (self.blocked_until - now).total_seconds()
        asked_s = (self.blocked_until - (self.last_at or now)).total_seconds()
        known = self.last_at is not None and asked_s >= 0
        return max(0.0, min(left_s, asked_s if known else most_s))


class Agenda:
    """The links of a shard that are due this round, host after host."""

    def __init__(self, run: RunDirectory, shard: int, policy: Policy) -> None:
        """Lay it out. Raises RunFailed for links that are missing or damaged, and a full disk."""
        links = _whole_links(run, shard)
        with (
            _translated(shard),
            spill_folder() as spill,
            closing(in_memory(_MEMORY, 1, spill)) as connection,
        ):
            no_links(connection)
            count = sum(int(pq.read_metadata(path).num_rows) for path in links)
            _refuse_missing(run, shard, count)
            so_far = SoFar(run.round)
            self.paused = _paused(connection, run, shard, so_far)
            delay_s = max(policy.pace.min_delay_s, 1e-3)
            with (
                _known(connection, run, shard, links, count, so_far) as known,
                ExitStack() as opened,
            ):
                self.total = known["planned"].count if "planned" in known else count
                self._invalid = each(connection, links, known, _INVALID)
                opened.callback(self._invalid.close)
                self._due = each(connection, links, known, _DUE)
                opened.callback(self._due.close)
                delays_s = {name: pace.min_delay_s for name, pace in policy.domains}
                self._hosts = hosts_by_time(hosts_of(self._due), delays_s, delay_s)
                opened.pop_all()
            self.done, last = so_far.done, so_far.last_visit
            # Counted on from what is there, not taken from the clock, which may be put back.
            self.first_visit_id = (shard << _SHARD_BITS if last is None else last) + 1

    def invalid(self) -> Iterator[InvalidLink]:
        """Yield the links that have no usable URL and no final observation yet."""
        for row in self._invalid:
            yield InvalidLink(row["link_id"], row["url"], row["invalid_reason"])

    def hosts(self) -> Iterator[HostEntry]:
        """Yield every host, the one that will take longest first."""
        for row in self._hosts:
            yield HostEntry(**row)

    def links(self, start: int, count: int) -> list[ShardLink]:
        """Return the links in `count` rows from `start` on."""
        return [
            ShardLink(
                row["link_id"],
                ParsedUrl(row["wire_url"], row["scheme"], row["host"], row["port"]),
                row["attempts"],
                row["if_none_match"],
                row["if_modified_since"],
                row["conditions_url"],
            )
            for row in self._due.read(start, count)
        ]

    def close(self) -> None:
        """Let go of the files."""
        self._invalid.close()
        self._due.close()
        self._hosts.close()


def _whole_links(run: RunDirectory, shard: int) -> list[str]:
    """Return the shard's files of links. Raises RunFailed if one is not what was planned."""
    paths = run.files(LINKS, shard)
    for path in paths:
        try:
            why = fault(path, LINKS_SCHEMA)
        except OSError as error:
            raise disk_failure(f"cannot read {path}", error) from error
        if why is not None:
            raise RunFailed(f"{path} {why}; put back a copy of it, or plan the run anew")
    if not paths:
        raise _missing(run, shard, 0)
    return [str(path) for path in paths]


def _refuse_missing(run: RunDirectory, shard: int, found: int) -> None:
    """Raise RunFailed where a shard has another number of links than was planned."""
    if found != next(plan.links for plan in run.shards if plan.shard == shard):
        raise _missing(run, shard, found)


def _missing(run: RunDirectory, shard: int, found: int) -> RunFailed:
    planned = next(plan.links for plan in run.shards if plan.shard == shard)
    text = f"{run.folder(LINKS, shard)} holds {found:,} of the {planned:,} links that were planned"
    return RunFailed(f"{text}; put its files back, or plan the run anew")


@contextmanager
def _translated(shard: int) -> Iterator[None]:
    """Turn a full disk, where it is not the run's own, into one line. Raises RunFailed."""
    folder = tempfile.gettempdir()
    what = f"cannot lay out shard {shard} in {folder}"
    try:
        yield
    except OSError as error:
        raise disk_failure(f"{what} (TMPDIR names another folder)", error) from error
    except duckdb.Error as error:
        cause = " ".join(str(error).split())[:300]
        raise database_failure(f"{what} (TMPDIR names another folder): ", cause) from error


def _paused(
    connection: duckdb.DuckDBPyConnection, run: RunDirectory, shard: int, so_far: SoFar
) -> tuple[PausedHost, ...]:
    names = ["host", "registered_domain", "blocked_until", "last_at", "visit_id"]
    _name_rows(connection, run, shard, HOSTS, names, so_far)
    paused = connection.sql(_PAUSED, params={"now": datetime.now(UTC)})
    with closing(RowFile(paused.to_arrow_reader(BATCH_ROWS))) as rows:
        return tuple(PausedHost(**row) for row in rows)


def _name_rows(
    connection: duckdb.DuckDBPyConnection,
    run: RunDirectory,
    shard: int,
    table: str,
    names: Sequence[str],
    so_far: SoFar,
) -> None:
    """Let one query ask for some columns of the shard's observations or hosts, by their table's name.

    What it reads is counted.
    """
    schema = {OBSERVATIONS: OBSERVATIONS_SCHEMA, HOSTS: HOSTS_SCHEMA}[table]
    connection.register(table, so_far.counted(segment_rows(run.files(table, shard), schema, names)))


@contextmanager
def _known(
    connection: duckdb.DuckDBPyConnection,
    run: RunDirectory,
    shard: int,
    links: list[str],
    count: int,
    so_far: SoFar,
) -> Iterator[dict[str, Alongside]]:
    """Yield what is known of so many links, in their order, and name those of the round `wanted`.

    That is `seen`, and `planned` in a round that has a plan. Raises RunFailed.
    """
    plan = whole_plan(run, shard)
    questions = {"seen": Question(_LOOKS, _SEEN, {"round": run.round})}
    if plan is not None:
        questions["planned"] = Question(_PLAN, _PLANNED_AT, {"plan": str(plan)})
    names = ["link_id", "round", "final", "attempt", "visit_id"]
    _name_rows(connection, run, shard, OBSERVATIONS, names, so_far)
    with ExitStack() as opened:
        known: dict[str, Alongside] = {}
        for name, question in questions.items():
            known[name] = Alongside(connection, links, count, question)
            opened.callback(known[name].close)
            connection.register(name, known[name].nothing)
        connection.execute(_EVERY_LINK if plan is None else _PLANNED)
        if plan is not None and known["planned"].count != pq.read_metadata(plan).num_rows:
            raise RunFailed(f"{plan} is of other links than the run's; put back a copy of it")
        yield known
