"""A location as a person writes it → the store that holds the run.

Room: disk. What speaks to buckets is an extra, loaded only for a run that lies in one.
"""

from pathlib import Path

from crawler.records.errors import WrongUse
from storage.folder import Folder
from storage.store import Store

SCHEMES = ("s3", "gs", "az")


def is_remote(location: str | Path) -> bool:
    """Tell whether a location is a URL and no folder of this machine."""
    return "://" in str(location)


def open_store(location: str | Path) -> Store:
    """Return the store of a run at a location; nothing need be there yet. Raises WrongUse."""
    if not is_remote(location):
        return Folder(Path(location))
    text = str(location)
    if text.partition("://")[0] not in SCHEMES:
        raise WrongUse(
            f"{text}: a run lies in a folder, or at {', '.join(f'{name}://' for name in SCHEMES)}"
        )
    try:
        from storage.bucket import Bucket
    except ImportError as error:
        raise WrongUse(
            f"{text}: object storage needs an extra: pip install 'stillup[cloud]'"
        ) from error
    try:
        return Bucket.at(text)
    except OSError as error:
        raise WrongUse(f"{text}: {error.strerror}") from error


def as_store(place: Store | Path) -> Store:
    """Return a store as it is, and of a folder's path its store."""
    return Folder(place) if isinstance(place, Path) else place
