"""A run in a bucket of object storage: `s3://bucket/prefix`, and as `gs://` and `az://`.

Room: disk. All that is known of the library is here, and its errors end here. Keys, secrets, region
and endpoint come from the environment, by the names that the providers' own tools use. `create` is
a put with `If-None-Match: *`, which every one of the three answers truly.
"""

import errno
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import AzureStore, GCSStore, ObjectStore, S3Store

from storage.store import ReplacedError, checked
from storage.stretches import Stretches

_KINDS: dict[str, Callable[..., ObjectStore]] = {
    "s3": S3Store, "gs": GCSStore, "az": AzureStore,
}  # fmt: skip
_AT_ONCE = 16
# What a busy or restarting service is given before the run is told: half a minute in all.
PATIENCE: dict[str, Any] = {
    "max_retries": 10,
    "retry_timeout": timedelta(seconds=60),
    "backoff": {
        "init_backoff": timedelta(milliseconds=100),
        "max_backoff": timedelta(seconds=5),
        "base": 2,
    },
}
_CLIENT: dict[str, Any] = {
    "allow_http": True,
    "connect_timeout": timedelta(seconds=5),
    "timeout": timedelta(seconds=300),
}
_CODE = re.compile(r"<Code>([A-Za-z]{1,60})</Code>")


@dataclass(frozen=True, slots=True)
class _Listed:
    """What a listing says of a file."""

    size: int
    modified_ns: int
    tag: str


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a bucket as it was when it was listed; another by its name is a ReplacedError."""

    size: int
    modified_ns: int
    tag: str
    key: str
    bucket: "Bucket"

    def read_at(self, start: int, size: int) -> bytes:
        """Return up to `size` bytes from `start` on, fewer only at the end. Raises OSError."""
        kept = self.bucket.stretches
        return kept.read((self.key, self.tag), self.size, start, start + size, self._fetch)

    def close(self) -> None:
        """Nothing is held."""

    def _fetch(self, start: int, size: int) -> bytes:
        options = {"range": (start, start + size), "if_match": self.tag}
        content = self.bucket.get(self.key, options)
        if len(content) != size:
            raise OSError(errno.EIO, "fewer bytes came than the file has", self.key)
        return content


@dataclass(frozen=True, slots=True)
class Bucket:
    """A store under a prefix of a bucket."""

    location: str
    prefix: str
    store: ObjectStore
    stretches: Stretches = field(default_factory=Stretches)
    _listed: dict[str, _Listed] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def at(cls, location: str) -> "Bucket":
        """Return the store at a URL; nothing is asked yet. Raises OSError for a URL of no bucket."""
        scheme, _, rest = location.partition("://")
        bucket, _, prefix = rest.partition("/")
        parts = [part for part in prefix.split("/") if part]
        if not bucket or {".", ".."} & set(parts) or not all(map(str.isprintable, parts)):
            raise OSError(errno.EINVAL, "say it as s3://bucket/prefix")
        with _translated(bucket):
            store = _KINDS[scheme](bucket, retry_config=PATIENCE, client_options=_CLIENT)
        return cls(location, "".join(f"{part}/" for part in parts), store)

    @property
    def at_once(self) -> int:
        """Return 16: most of a request is waiting."""
        return _AT_ONCE

    @property
    def scratch(self) -> None:
        """Return None: nothing can be made in a bucket."""

    def names(self, folder: str) -> list[str]:
        """Return what lies directly in a folder, sorted."""
        key = self._key(folder).rstrip("/")
        with _translated(self.location):
            found = obstore.list_with_delimiter(self.store, key)
        self._note(found["objects"])
        paths = [*found["common_prefixes"], *(item["path"] for item in found["objects"])]
        return sorted({path.rpartition("/")[2] for path in paths})

    def below(self, folder: str) -> dict[str, str]:
        """Return what lies in a folder and in its folders, with its tags: a request for 1,000."""
        key = self._key(folder).rstrip("/")
        with _translated(self.location):
            found = [item for page in obstore.list(self.store, key) for item in page]
        self._note(found)
        paths = {item["path"][len(key) :].lstrip("/"): _tag(item) for item in found}
        return {name: tag for name, tag in paths.items() if name.count("/") <= 1}

    def size(self, name: str) -> int:
        """Return the bytes of a file."""
        with _translated(self._told(name)):
            return int(obstore.head(self.store, self._key(name))["size"])

    def open(self, name: str) -> RemoteFile:
        """Open a file as it was last listed, or as it is now."""
        key = self._key(name)
        with self._lock:
            known = self._listed.get(key)
        if known is None:
            with _translated(self._told(name)):
                known = self._note([obstore.head(self.store, key)])[0]
        return RemoteFile(known.size, known.modified_ns, known.tag, key, self)

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes:
        """Return a file's bytes from `start` on."""
        if start == 0 and length is None:
            return self.get(self._key(name), {})
        end = self.size(name) if length is None else min(start + length, self.size(name))
        return self.get(self._key(name), {"range": (start, end)}) if start < end else b""

    def create(self, name: str, content: bytes | Path) -> None:
        """Write a file that nobody has written before, in one request: 5 GB at the most."""
        self._put(name, content, mode="create", use_multipart=False)

    def replace(self, name: str, content: bytes | Path) -> None:
        """Write a file over the old one, a large one in parts that become visible together."""
        self._put(name, content)

    def take(self, name: str, path: Path) -> None:
        """Write a file over the old one, and drop the one of this machine."""
        self._put(name, path)
        path.unlink()

    def move(self, name: str, to: str) -> None:
        """Copy a file to another name, then remove it."""
        self.create(to, self.read(name))
        self.remove(name)

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        try:
            with _translated(self._told(name)):
                obstore.delete(self.store, self._key(name))
        except FileNotFoundError:
            return
        finally:
            self._forget(name)

    def get(self, key: str, options: Any) -> bytes:
        """Return the bytes of a key, or of a range of it."""
        with _translated(f"{key}"):
            return bytes(obstore.get(self.store, key, options=options).bytes())

    def _put(self, name: str, content: bytes | Path, **options: Any) -> None:
        self._forget(name)
        with _translated(self._told(name)):
            obstore.put(self.store, self._key(name), content, **options)

    def _key(self, name: str) -> str:
        inside = checked(name)
        return self.prefix + ("" if inside == "." else inside)

    def _told(self, name: str) -> str:
        return f"{self.location}/{name}"

    def _note(self, found: Any) -> list[_Listed]:
        """Remember what a listing said, so that opening a file asks nothing."""
        listed = {
            item["path"]: _Listed(item["size"], _nanoseconds(item["last_modified"]), _tag(item))
            for item in found
        }
        with self._lock:
            self._listed.update(listed)
        return list(listed.values())

    def _forget(self, name: str) -> None:
        with self._lock:
            self._listed.pop(self._key(name), None)


def _nanoseconds(moment: Any) -> int:
    return int(moment.timestamp() * 1_000_000) * 1000


def _tag(item: Any) -> str:
    return str(item["e_tag"] or item["version"] or item["last_modified"])


@contextmanager
def _translated(what: str) -> Iterator[None]:
    """Turn the library's errors into OSErrors, each with a line of its own."""
    try:
        yield
    except AlreadyExistsError as error:
        raise FileExistsError(errno.EEXIST, "it is there already", what) from error
    except PreconditionError as error:
        raise ReplacedError(errno.ESTALE, "it was replaced meanwhile", what) from error
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise PermissionError(errno.EACCES, _refusal(str(error)), what) from error
    except FileNotFoundError as error:
        if "NoSuchBucket" in str(error):
            raise OSError(errno.ENXIO, "there is no such bucket", what) from error
        raise FileNotFoundError(errno.ENOENT, "it is not there", what) from error
    except BaseError as error:
        raise _other(str(error), what) from error


def _refusal(text: str) -> str:
    code = _CODE.search(text)
    return f"access is denied{f' ({code[1]})' if code else ''}"


def _other(text: str, what: str) -> OSError:
    """Return what any other error of the library comes to, without its many lines."""
    code = _CODE.search(text)
    if code is not None and code[1] == "NoSuchBucket":
        return OSError(errno.ENXIO, "there is no such bucket", what)
    if "error sending request" in text or "timed out" in text or "onnection" in text:
        return OSError(errno.EHOSTUNREACH, "the object storage does not answer", what)
    cause = code[1] if code else " ".join(text.split("\n", maxsplit=1)[0].split())[:200]
    return OSError(errno.EREMOTEIO, f"the object storage says: {cause}", what)
