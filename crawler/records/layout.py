"""Where everything lies in a run directory, as names: paths in, paths out.

Room: records. Knows the names, never opens a file. A file is *live* when it carries a final
name and no compacted file covers it; everybody who lists a folder of segments asks `live` here.
"""

import itertools
import re
from collections.abc import Iterable, Iterator

RUN_FILE = "run.toml"
LINKS = "links"
DATASET_ROWS = "dataset_rows"
OBSERVATIONS = "observations"
HOSTS = "hosts"
# Which links the rounds after the first look at; a segment's number is its round.
ROUNDS = "rounds"
ACTIONS = "actions"
# What captions and URLs say, whose part of a shared host a link is in, and what captions mean: read
# off `links`, and rebuilt by whoever needs them.
SIGNALS = "signals"
TENANTS = "tenants"
# Whom to write to about a place: append-only, the last look of a place counts.
CONTACTS = "contacts"
MEANINGS = "meanings"
DATABASE = "run.duckdb"
# What the database was made of, and digests of its bytes: whoever reads it as if it were the segments
# asks here.
DATABASE_PROOF = "run.duckdb.proof"
# Files of reports, written anew from the actions at any time.
REPORTS = "reports"
# What `plan` read, refused and estimated, and the size of every registered domain.
PLAN = "plan"
# One file a shard, locked while a worker on this machine walks it.
LOCKS = "locks"

# One file a shard: the paces of hosts, for a worker that goes on where another was ended.
PACES = "paces"

# Who wrote a segment, in its footer: random, so that no two segments are alike.
WRITER = "stillup.writer"

LAST_NUMBER = 99_999_999

_SEGMENT = re.compile(r"(?P<first>[0-9]{8})(?:-(?P<last>[0-9]{8}))?\.parquet")
_SET_ASIDE = ".set-aside"


def shard_folder(table: str, shard: int) -> str:
    """`observations`, 3 → `observations/shard=00003` (relative to the run directory)."""
    return f"{table}/shard={shard:05d}"


def shard_of(path: str) -> int | None:
    """The shard in a path that holds a `shard=00003` folder, or None."""
    found = re.search(r"shard=(\d+)", path)
    return int(found.group(1)) if found else None


def segment_name(first: int, last: int | None = None) -> str:
    """7 → `00000007.parquet`; 7, 12 → `00000007-00000012.parquet` (compacted, covers both ends)."""
    return f"{first:08d}.parquet" if last is None else f"{first:08d}-{last:08d}.parquet"


def segment_range(name: str) -> tuple[int, int] | None:
    """The first and last segment number that a file's name covers, or None for any other file."""
    found = _SEGMENT.fullmatch(name)
    if found is None:
        return None
    first = int(found["first"])
    return first, int(found["last"] or first)


def set_aside_names(name: str) -> Iterator[str]:
    """Yield the names that a faulty segment may be set aside under; no reader takes one for whole."""
    yield name + _SET_ASIDE
    yield from (f"{name}{_SET_ASIDE}-{copy}" for copy in itertools.count(2))


def set_aside_from(name: str) -> str | None:
    """`00000007.parquet.set-aside-2` → `00000007.parquet`; None for any other name."""
    before, mark, _ = name.partition(_SET_ASIDE)
    return before if mark and segment_range(before) is not None else None


def next_number(names: Iterable[str]) -> int:
    """Return the first segment number that no file of a folder has, nor one set aside had."""
    spans = (segment_range(set_aside_from(name) or name) for name in names)
    return max((span[1] for span in spans if span is not None), default=-1) + 1


def is_taken(number: int, names: Iterable[str]) -> bool:
    """Tell whether another file of a folder than a number's own has it: a range, or one set aside."""
    others = (set_aside_from(name) or name for name in names if name != segment_name(number))
    spans = (segment_range(name) for name in others)
    return any(span is not None and span[0] <= number <= span[1] for span in spans)


def live(names: Iterable[str]) -> list[str]:
    """Of one folder's file names, those to read: final names that no wider range covers, in order."""
    ranges = {name: span for name in names if (span := segment_range(name)) is not None}
    kept: list[str] = []
    covered = -1
    for name, (_, last) in sorted(ranges.items(), key=lambda item: (item[1][0], -item[1][1])):
        if last > covered:
            kept.append(name)
            covered = last
    return kept
