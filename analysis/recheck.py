"""Decides what the next round looks at: what is due by a moment, by the rules of `next_looks`.

Room: sql. The moment comes in as an argument; the plan is written by `rounds.py`.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from analysis.held import held
from analysis.publish import MEMORY_LIMIT
from analysis.rounds import begin_round, next_round, shards_of, write_plan
from analysis.runfile import RunFacts, read_run
from analysis.segments import SetAside
from analysis.session import Session, Terms, ask
from crawler.records.errors import RunFailed

# Why a link is looked at again, in the order in which it is told.
REASONS = {
    "reported": "1, 3, 7, 14 and 30 days after a report",
    "dying": "until three looks, nine days apart, can tell that it is dead",
    "suspect": "our own network was in doubt",
    "unknown": "the last look told nothing: after 1 day, 2, 4, 8, 16, 30",
    "blocked": "asked to come back later: the same; refused: after 30 days",
    "alive": "30 days after the last look, of those that are drawn",
}

_STORED = ("soft_signs", "looks", "verdicts", "next_looks")
_BATCH_ROWS = 20_000

_DUE = (
    "due_at <= $as_of and (reason <> 'alive' or draw < $share) and list_contains($because, reason)"
)
_LATER = "due_at > $as_of and (reason <> 'alive' or draw < $share)"

_BY_REASON = f"""
select
    reason,
    count(*) filter (where {_DUE}),
    count(*) filter (where {_LATER}),
    epoch_us(min(due_at) filter (where {_LATER})),
    count(*) filter (where reason = 'alive' and draw >= $share)
from next_looks
where list_contains($because, reason)
group by reason
"""
_IN_ALL = f"""
select count(distinct host), count(conditions_url)
from next_looks
where {_DUE}
"""
_PLAN = f"""
select
    $round::usmallint as round, shard, link_id, reason, due_at,
    if_none_match, if_modified_since, conditions_url
from next_looks
where shard = $shard and {_DUE}
order by link_id
"""


@dataclass(frozen=True, slots=True)
class Due:
    """The links of one reason: how many are due, how many later and when, how many not drawn."""

    reason: str
    now: int
    later: int
    next_at: datetime | None
    not_drawn: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """What a recheck came to. `planned_round` is None where nothing was due.

    `conditional` of the links are asked only whether they have changed.
    """

    finished_round: int
    planned_round: int | None
    as_of: datetime
    reasons: tuple[Due, ...]
    hosts: int
    conditional: int

    @property
    def links(self) -> int:
        """How many links are due."""
        return sum(due.now for due in self.reasons)


def recheck_run(
    location: str | Path,
    share: float,
    as_of: datetime,
    because: Collection[str] = tuple(REASONS),
    warn: Callable[[SetAside], None] = lambda _: None,
) -> Recheck:
    """Plan the next round of a run: what is due by `as_of`, and that `share` of the live links.

    `because` are the reasons that count; what is due for another waits for a later round.
    Raises RunFailed while links of the round before are left, and where it cannot be written.
    """
    store = read_run(location).store
    with held(store, "recheck"):  # two at once would write the same plan
        run = read_run(location)
        left = ask(run, _left_over, Terms(tables=("progress",)), warn)
        if left:
            raise RunFailed(
                f"round {run.round} is not finished, {left:,} of its links are left; "
                f"look at them first: stillup crawl {location}"
            )
        terms = Terms(
            tables=("next_looks",),
            stored=_STORED,
            memory_limit=MEMORY_LIMIT,
            scratch_in=store.scratch,
        )
        given = {"as_of": as_of, "share": share, "because": list(because)}
        found = ask(run, lambda session: _planned(session, run, given), terms, warn)
        if not found.links:
            return found
        number = next_round(run.round)
        begin_round(store, number)
        return replace(found, planned_round=number)


def _planned(session: Session, run: RunFacts, given: dict[str, Any]) -> Recheck:
    """Write the plan of what is due; it holds from the moment on at which the round begins."""
    found = {row[0]: _due(*row) for row in session.connection.execute(_BY_REASON, given).fetchall()}
    reasons = tuple(found.get(reason, Due(reason, 0, 0, None)) for reason in REASONS)
    hosts, conditional = session.connection.execute(_IN_ALL, given).fetchall()[0]
    recheck = Recheck(
        finished_round=run.round,
        planned_round=None,
        as_of=given["as_of"],
        reasons=reasons,
        hosts=hosts,
        conditional=conditional,
    )
    if recheck.links:
        number = next_round(run.round)
        for shard in shards_of(run.store):
            rows = _rows(session, given | {"round": number, "shard": shard})
            write_plan(run.store, number, shard, rows)
    return recheck


def _left_over(session: Session) -> int:
    query = "select coalesce(sum(left_over), 0)::bigint from progress"
    return int(session.connection.execute(query).fetchall()[0][0])


def _rows(session: Session, given: dict[str, Any]) -> Iterator[pa.RecordBatch]:
    yield from session.connection.sql(_PLAN, params=given).to_arrow_reader(_BATCH_ROWS)


def _due(reason: str, now: int, later: int, next_us: int | None, not_drawn: int) -> Due:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    next_at = None if next_us is None else epoch + timedelta(microseconds=next_us)
    return Due(reason, now, later, next_at, not_drawn)
