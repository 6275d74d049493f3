"""The captions of the world: what its sites write, and real ones that nobody suspects.

Room: disk. Reads captions.toml and strangers.toml beside it, and the sample of Conceptual Captions in data/samples.
"""

import gzip
import tomllib
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

_HERE = Path(__file__).parent
_SAMPLE = Path(__file__).parents[3] / "data" / "samples" / "cc3m-validation.tsv.gz"


@cache
def written() -> dict[str, dict[str, dict[str, list[str]]]]:
    """Return kind → language → `leak` or `calm` → templates."""
    texts = (
        (_HERE / f"{name}.toml").read_text(encoding="utf-8") for name in ("captions", "strangers")
    )
    known, strange = map(tomllib.loads, texts)
    return known | strange


@cache
def real() -> tuple[tuple[str, str], ...]:
    """Return caption, and path with query, of every row of Conceptual Captions' validation list."""
    rows = gzip.decompress(_SAMPLE.read_bytes()).decode().splitlines()
    pairs = (row.split("\t", 1) for row in rows)
    return tuple((caption, _path(url)) for caption, url in pairs)


def _path(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
