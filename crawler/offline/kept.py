"""Where renewed tables lie, and how they are put there.

Room: disk.
"""

from pathlib import Path

from crawler.domains import refreshed_list
from crawler.records.errors import RunFailed

DATA = Path(__file__).parent.parent.parent / "data"


def kept_file(name: str) -> Path:
    """Return where `stillup refresh` keeps a newer table (XDG base directories)."""
    return refreshed_list().with_name(name)


def in_use(shipped: Path, name: str) -> Path:
    """Return the renewed table where there is one, else the shipped one."""
    kept = kept_file(name)
    return kept if kept.is_file() else shipped


def keep(name: str, content: bytes) -> Path:
    """Keep a newer table for this user; it is in use from the next process on. Raises RunFailed."""
    path = kept_file(name)
    aside = path.with_name(f".{name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(content)
        aside.replace(path)
    except OSError as error:
        raise RunFailed(f"{path} cannot be kept: {error.strerror}") from error
    return path
