"""What `run.toml` says of a run, as facts: key and value as text.

Room: disk. `crawler` writes the file; here it is only read, and a key that is missing is no error.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from crawler.records import layout
from crawler.records.errors import RunFailed, WrongUse


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A planned run: where it is, which round it is in, and every fact of run.toml."""

    root: Path
    round: int
    facts: tuple[tuple[str, str], ...]


def read_run(location: str | Path) -> RunFacts:
    """Read `run.toml` of the run at `location`; raise RunFailed where there is none."""
    if "://" in str(location):
        raise WrongUse(f"{location}: a run must be a folder on this machine")
    root = Path(location).absolute()
    try:
        content = tomllib.loads((root / layout.RUN_FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise RunFailed(f"{location} holds no run; make one: stillup plan RUN SOURCE") from error
    except (OSError, ValueError) as error:
        raise RunFailed(f"{location} cannot be read as a run: {error}") from error
    current_round = content.get("round", 1)
    return RunFacts(
        root, current_round if isinstance(current_round, int) else 1, tuple(_flat(content))
    )


def _flat(content: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the scalars of nested sections with dotted keys; lists of sections are left out."""
    for key, value in content.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        elif not (isinstance(value, list) and any(isinstance(item, dict) for item in value)):
            yield prefix + key, str(value)
