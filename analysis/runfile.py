"""What `run.toml` says of a run, as facts: key and value as text; and the store that the run lies in.

Room: disk. `crawler` writes the file; here it is only read, and a key that is missing is no error.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from crawler.records import layout
from crawler.records.errors import RunFailed, WrongUse
from storage.folder import Folder
from storage.open import is_remote, open_store
from storage.store import Store


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A planned run: where it is, which round it is in, and every fact of run.toml."""

    store: Store
    round: int
    facts: tuple[tuple[str, str], ...]

    @property
    def root(self) -> Path:
        """Return the run's folder. Raises WrongUse where it lies in none."""
        return folder_of(self.store)

    @property
    def name(self) -> str:
        """Return the last part of the run's location."""
        return self.store.location.rstrip("/").rpartition("/")[2]


def folder_of(store: Store) -> Path:
    """Return a store's folder, for what can be done nowhere else. Raises WrongUse for a bucket."""
    if isinstance(store, Folder):
        return store.root
    raise WrongUse(f"{store.location}: this needs a run in a folder; copy the run to this machine")


def read_run(location: str | Path) -> RunFacts:
    """Read `run.toml` of the run at `location`; raise RunFailed where there is none."""
    store = open_store(location if is_remote(location) else Path(location).absolute())
    try:
        content = tomllib.loads(store.read(layout.RUN_FILE).decode("utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise RunFailed(f"{location} holds no run; make one: stillup plan RUN SOURCE") from error
    except (OSError, ValueError) as error:
        why = isinstance(error, OSError) and is_remote(location) and error.strerror
        raise RunFailed(f"{location} cannot be read as a run: {why or error}") from error
    current_round = content.get("round", 1)
    return RunFacts(
        store, current_round if isinstance(current_round, int) else 1, tuple(_flat(content))
    )


def _flat(content: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the scalars of nested sections with dotted keys; lists of sections are left out."""
    for key, value in content.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        elif not (isinstance(value, list) and any(isinstance(item, dict) for item in value)):
            yield prefix + key, str(value)
