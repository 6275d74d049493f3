"""What people did about a finding: reviews, and reports that were written. Append-only.

Room: records. A kind of action is a frozen noun here and a view in `analysis/sql`; all kinds lie in
one table, so that what was done can be read in its order.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

import pyarrow as pa


class Decision(StrEnum):
    """What a reviewer decided on a place."""

    CONFIRM = "confirm"
    DISMISS = "dismiss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A person's decision on a place of `findings`. The last one of a place counts.

    `level` is `domain` or `tenant`, as in `findings`; `round` is the run's at that time.
    """

    reviewed_at: datetime  # UTC
    round: int
    level: str
    place: str
    decision: Decision
    reviewer: str
    note: str | None = None

    @property
    def review_id(self) -> str:
        """What a review is known by: sixteen hex digits, made of all that it says."""
        place = (self.round, self.level, self.place)
        said = (self.reviewed_at.isoformat(), place, self.decision.value, self.reviewer, self.note)
        return sha256(repr(said).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenReport:
    """A report that was written, about the links of one place.

    `content` is the report itself, as the canonical JSON that `sha256` (lower-case hex) is of, so
    that it can be written again byte for byte. `reminder_of` is the number of the report that this
    one reminds of.
    """

    report_number: str
    written_at: datetime  # UTC
    round: int
    level: str
    place: str
    ground: str
    language: str
    reporter: str
    sent_to: tuple[str, ...]
    link_ids: tuple[int, ...]
    sha256: str
    content: str
    reminder_of: str | None = None


Action = Review | WrittenReport

_TIME = pa.timestamp("us", tz="UTC")
REVIEW, REPORT = "review", "report"

# One row per action. `acted_at`, `round`, `level` and `place` are every kind's; the other columns
# are of one kind and null in the rows of the others.
ACTIONS_SCHEMA = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),
        pa.field("acted_at", _TIME, nullable=False),
        pa.field("round", pa.uint16(), nullable=False),
        pa.field("level", pa.string(), nullable=False),
        pa.field("place", pa.string(), nullable=False),
        # of a review
        pa.field("review_id", pa.string()),
        pa.field("decision", pa.string()),
        pa.field("reviewer", pa.string()),
        pa.field("note", pa.string()),
        # of a report
        pa.field("report_number", pa.string()),
        pa.field("ground", pa.string()),
        pa.field("language", pa.string()),
        pa.field("reporter", pa.string()),
        pa.field("sent_to", pa.list_(pa.string())),
        pa.field("link_ids", pa.list_(pa.uint64())),
        pa.field("sha256", pa.string()),
        pa.field("content", pa.string()),
        pa.field("reminder_of", pa.string()),
    ]
)


def action_row(action: Action) -> dict[str, Any]:
    """Return an action as a row of `ACTIONS_SCHEMA`."""
    row = {name: getattr(action, name, None) for name in ACTIONS_SCHEMA.names}
    if isinstance(action, Review):
        return row | {"kind": REVIEW, "acted_at": action.reviewed_at}
    return row | {"kind": REPORT, "acted_at": action.written_at}
