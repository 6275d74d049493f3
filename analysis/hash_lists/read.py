"""Reads hash lists: file → HashList.

Room: disk.
"""

from collections.abc import Sequence
from pathlib import Path

from analysis.hash_lists.entry import Entry, Kind, Unreadable
from analysis.hash_lists.formats import format_of
from analysis.hash_lists.gathered import Gathering, HashList
from analysis.hash_lists.judge import judge
from analysis.hash_lists.opened import content_digest, head_of, opened

MIN_QUALITY = 50  # below it PDQ's makers call a hash unfit for matching

# So many different reasons are told apart; a hostile list could make up as many as it has rows.
_MOST_REASONS = 20
_OTHER = "other reasons"


def read_list(path: Path, kind: Kind | None = None, min_quality: int = MIN_QUALITY) -> HashList:
    """Return the list in a file. `kind` is of the entries that do not say theirs.

    Raises WrongUse where there is no file and RunFailed where it cannot be unpacked.
    """
    form = format_of(head_of(path))
    gathering = Gathering(name_of(path))
    reasons: set[str] = set()
    with opened(path) as content:
        for raw in form.read(content):
            found = raw.why if isinstance(raw, Unreadable) else judge(raw, kind, min_quality)
            if isinstance(found, Entry):
                gathering.take(found)
            else:
                reasons |= {found} if len(reasons) < _MOST_REASONS else set()
                gathering.refuse(found if found in reasons else _OTHER)
    return gathering.done(content_digest(path), form.name)


def read_lists(
    paths: Sequence[Path], kind: Kind | None = None, min_quality: int = MIN_QUALITY
) -> tuple[HashList, ...]:
    """Return the lists in files, in their order."""
    return tuple(read_list(path, kind, min_quality) for path in paths)


def name_of(path: Path) -> str:
    """`lists/StopNCII.csv.gz` → `StopNCII`: what a list is called that does not say it itself."""
    stem = path.name
    while (shorter := Path(stem).stem) != stem and Path(stem).suffix.lower() in _SUFFIXES:
        stem = shorter
    return stem


_SUFFIXES = frozenset(
    (".gz", ".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".xml", ".list")
)
