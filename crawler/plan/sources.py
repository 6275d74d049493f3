"""What was named on the command line → the files to read, opened and unpacked.

Room: disk. Knows names, file systems and compression; not what is in a file. Every error of a
file system or a decompressor becomes one line that names the file, here.
"""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import fsspec
import pyarrow as pa
from fsspec.core import split_protocol
from fsspec.registry import known_implementations

from crawler.records.errors import RunFailed, WrongUse

EXTENSIONS = {
    ".parquet": "parquet", ".pq": "parquet", ".parq": "parquet",
    ".csv": "csv",
    ".tsv": "tsv", ".tab": "tsv",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".jsonlines": "jsonl",
    ".txt": "text", ".text": "text", ".urls": "text", ".lst": "text", ".list": "text",
}  # fmt: skip
_PACKED = {".gz": "gzip", ".gzip": "gzip", ".zst": "zstd", ".zstd": "zstd"}
_MAGIC = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}


class Unreadable(Exception):
    """A file is not what it should be; the text says what is wrong, without the file's name."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file: `name` is what the run calls it, `path` is how its file system does."""

    name: str
    path: str
    file_system: Any
    format: str
    compression: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The files of all sources in order, and the names of those that a folder had besides."""

    files: tuple[SourceFile, ...]
    skipped: tuple[str, ...]


def find(sources: Sequence[str], file_format: str | None = None) -> Found:
    """Return the files that `sources` name; raise WrongUse where one names none."""
    files: list[SourceFile] = []
    skipped: list[str] = []
    for source in sources:
        found = _find_one(source, file_format)
        files += found.files
        skipped += found.skipped
    twice = [path for path, count in Counter(file.path for file in files).items() if count > 1]
    if twice:
        raise WrongUse(f"{twice[0]} is named twice; name every file once")
    return Found(tuple(files), tuple(skipped))


@contextmanager
def reading(file: SourceFile) -> Iterator[None]:
    """Turn whatever goes wrong with a file into one line that names it."""
    try:
        yield
    except (Unreadable, OSError, EOFError, pa.ArrowException) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise RunFailed(f"{file.name} cannot be read to its end: {reason[:300]}") from error


@contextmanager
def opened(file: SourceFile, *, seekable: bool = False) -> Iterator[BinaryIO]:
    """Open a file, unpacked. With `seekable`, what is packed is unpacked to a temporary file."""
    with file.file_system.open(file.path, "rb") as raw:
        if file.compression is None:
            yield raw
            return
        if raw.read(4)[: len(_MAGIC[file.compression])] != _MAGIC[file.compression]:
            raise Unreadable(f"it is no {file.compression} file")
        raw.seek(0)
        with pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), file.compression) as unpacked:
            if not seekable:
                yield cast(BinaryIO, unpacked)
                return
            with tempfile.TemporaryFile() as spool:
                shutil.copyfileobj(unpacked, spool, 1 << 20)
                spool.seek(0)
                yield cast(BinaryIO, spool)


def _find_one(source: str, file_format: str | None) -> Found:
    protocol, _ = split_protocol(source)
    system, path = _file_system(source, protocol)
    try:
        return _listed(source, system, path, file_format)
    except OSError as error:
        raise RunFailed(f"{source} cannot be listed: {' '.join(str(error).split())}") from error


def _listed(source: str, system: Any, path: str, file_format: str | None) -> Found:
    if system.isfile(path):
        return Found((_one_file(source, system, path, file_format),), ())
    if system.isdir(path):
        return _folder(source, system, path, file_format)
    matches = sorted(system.glob(path)) if any(sign in path for sign in "*?[") else []
    files = [_one_file(_name(source, system, at), system, at, file_format)
             for at in matches if system.isfile(at)]  # fmt: skip
    if not files:
        raise WrongUse(f"{source}: no such file, folder or glob")
    return Found(tuple(files), ())


def _one_file(name: str, system: Any, path: str, file_format: str | None) -> SourceFile:
    stem, compression = _unpacked_name(path)
    kind = file_format or EXTENSIONS.get(_extension(stem))
    if kind is None:
        raise WrongUse(f"{name}: its name does not tell its format; say it with --format")
    return SourceFile(name, path, system, kind, compression)


def _folder(source: str, system: Any, path: str, file_format: str | None) -> Found:
    """Take every file whose name tells its format; text only where there is nothing else."""
    paths = [at for at in sorted(system.find(path)) if not _hidden(at, path)]
    told = {at: EXTENSIONS.get(_extension(_unpacked_name(at)[0])) for at in paths}
    kinds = set(told.values()) - {None}
    wanted = kinds - {"text"} or kinds
    taken = [at for at in paths if (file_format or told[at]) and told[at] in wanted | {file_format}]
    files = tuple(_one_file(_name(source, system, at), system, at, file_format) for at in taken)
    if not files:
        raise WrongUse(f"{source} has no file whose name tells a format; name files, and --format")
    return Found(files, tuple(_name(source, system, at) for at in paths if at not in set(taken)))


def _hidden(path: str, folder: str) -> bool:
    inside = path.rstrip("/")[len(folder.rstrip("/")) :]
    return any(part.startswith((".", "_")) for part in inside.strip("/").split("/"))


def _unpacked_name(path: str) -> tuple[str, str | None]:
    ending = _extension(path)
    compression = _PACKED.get(ending)
    return (path[: -len(ending)], compression) if compression else (path, None)


def _extension(path: str) -> str:
    return os.path.splitext(path)[1].lower()  # noqa: PTH122 - of a URL's path, too


def _name(source: str, system: Any, path: str) -> str:
    """Return a found file's name in the way in which its source was given."""
    protocol, _ = split_protocol(source)
    if protocol is not None:
        return str(system.unstrip_protocol(path)) if protocol != "s3" else f"s3://{path}"
    return path if Path(source).is_absolute() else os.path.relpath(path)


def _file_system(source: str, protocol: str | None) -> tuple[Any, str]:
    if protocol == "s3":
        return _s3(), source.removeprefix("s3://").rstrip("/")
    try:
        system, path = fsspec.url_to_fs(source)
    except (ImportError, ValueError) as error:
        hint = known_implementations.get(protocol or "", {}).get("err", str(error))
        raise WrongUse(f"{source}: {hint}") from error
    return system, str(path)


def _s3() -> Any:
    """S3 by pyarrow, which needs no other package; AWS_ENDPOINT_URL names another server."""
    from fsspec.implementations.arrow import ArrowFSWrapper
    from pyarrow.fs import S3FileSystem

    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    options: dict[str, str] = {}
    if endpoint:
        scheme, _, address = endpoint.rpartition("://")
        options = {"endpoint_override": address.rstrip("/"), "scheme": scheme or "https"}
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return ArrowFSWrapper(S3FileSystem(region=region or "us-east-1", **options))
