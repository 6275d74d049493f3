"""Tables that are no run's own, for the sessions of all: address ranges, and who stands before hosts.

Room: disk. Read from `data/`, or from the user's cache where `stillup refresh` has put newer ones.
"""

import os
import tomllib
from collections.abc import Iterator
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pyarrow as pa

DATA = Path(__file__).parent.parent / "data"
NETWORKS = "offline/networks.parquet"  # as sessions name it; no table of a run is called so

_FILES = ("hosts", "ranges", "networks", "headers")
_MAPPED = bytes(10) + b"\xff\xff"

# One row per sign of a product; of the columns between, those of its kind of sign are set.
RULES_SCHEMA = pa.schema(
    [
        pa.field("told_by", pa.string(), nullable=False),  # host, range, network or server
        pa.field("domain", pa.string()),
        pa.field("host", pa.string()),  # RE2, of the whole name
        pa.field("range", pa.string()),
        pa.field("first", pa.binary()),
        pa.field("last", pa.binary()),
        pa.field("asn", pa.uint32()),
        pa.field("server", pa.string()),
        pa.field("name", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
    ]
)


def offline_files() -> dict[str, Path]:
    """Return the files that a session may read besides its run's: name → where it lies."""
    cache_home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    kept = Path(cache_home) / "stillup" / "networks.parquet"
    return {NETWORKS: kept if kept.is_file() else DATA / "asn" / "networks.parquet"}


@cache
def provider_rules() -> pa.Table:
    """Return the signs of data/providers, in the order of the files."""
    rows: list[dict[str, Any]] = []
    for name in _FILES:
        text = (DATA / "providers" / f"{name}.toml").read_text(encoding="utf-8")
        for product in tomllib.loads(text)["product"]:
            rows += _rows(product)
    return pa.Table.from_pylist(rows, schema=RULES_SCHEMA)


def _rows(product: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a row of each sign that a line of the TOML files holds."""
    if "ranges" in product:
        said = {name: product[name] for name in ("name", "kind", "source")}
        for text in product["ranges"]:
            yield {"told_by": "range", "range": text, **_ends(text), **said}
    else:
        by = "host" if "domain" in product else "network" if "asn" in product else "server"
        yield {"told_by": by, **product}


def _ends(text: str) -> dict[str, bytes]:
    """Return the first and the last address of a range, as the table of networks has them."""
    network = ip_network(text)
    mapped = _MAPPED if network.version == 4 else b""
    return {
        "first": mapped + network.network_address.packed,
        "last": mapped + network.broadcast_address.packed,
    }
