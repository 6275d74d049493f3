"""The files that a run of the planted sites is given besides their links.

Room: disk.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from crawler.offline.networks import NETWORKS_SCHEMA, TABLE_NAME, packed
from pictures.read import fingerprint
from tests.internet.planted.sites import REGISTRY, picture_of, planted_sites, ranges_of

_AS_OF = date(2026, 6, 1)
# What is on the list: the first pictures of these sites, as they are, and the one that three have.
_LISTED = ("kyc-harbour.test", "clinica-pena.example", "ledger-backup.test")
_HAS_IT = "northgate-clinic.example"


@dataclass(frozen=True, slots=True)
class Inputs:
    """A hash list, a bootstrap file that leads to the registry, and a cache with the sites' networks.

    The cache is for XDG_CACHE_HOME, where `stillup refresh` keeps a table of networks.
    """

    hashes: Path
    bootstrap: Path
    cache: Path


def write_inputs(folder: Path, addresses: Mapping[str, str]) -> Inputs:
    """Write them into `folder`; `addresses` are those of the fake internet, by host."""
    found = Inputs(folder / "hashes.csv", folder / "rdap.json", folder / "cache")
    found.cache.joinpath("stillup").mkdir(parents=True, exist_ok=True)
    found.hashes.write_text(_hashes(), encoding="utf-8")
    found.bootstrap.write_text(
        f'{{"version": "1.0", "services": [[["127.0.0.0/8"], ["https://{REGISTRY}/rdap/"]]]}}',
        encoding="utf-8",
    )
    rows = [
        (
            packed(ip_address(first)),
            packed(ip_address(last)),
            network.asn,
            network.name,
            _AS_OF,
            False,
        )
        for first, last, network in ranges_of(addresses)
    ]
    columns = list(zip(*rows, strict=True))
    table = pa.table(columns, schema=NETWORKS_SCHEMA)
    pq.write_table(table, found.cache / "stillup" / TABLE_NAME)
    return found


def _hashes() -> str:
    """Return the list: sha256 of three pictures and PDQ of one, as their owners would have made it."""
    sites = {site.name: site for site in planted_sites()}
    told = fingerprint(picture_of(sites[_HAS_IT], 0)).pdq or b""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(["type", "hash", "category"])
    rows.writerows(
        ["sha256", sha256(picture_of(sites[name], 0)).hexdigest(), "own picture"]
        for name in _LISTED
    )
    rows.writerow(["pdq", told.hex(), "own picture"])
    return written.getvalue()
