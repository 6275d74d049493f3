"""How each offline table is renewed: where it is taken from, proved and kept.

Room: disk. A table that cannot be renewed stays as it was.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime

from crawler.offline.bootstrap import FILES, proved
from crawler.offline.fetched import fetched
from crawler.offline.kept import keep
from crawler.offline.networks import TABLE_NAME, networks_table

# https://github.com/sapics/ip-location-db: the same CSV that data/asn is made of, CC-BY-4.0.
NETWORKS_FROM = "https://cdn.jsdelivr.net/npm/@ip-location-db/asn/"
RDAP_FROM = "https://data.iana.org/rdap/"

_DATED = re.compile(r"\d+\.\d+\.(\d{4})(\d{2})(\d{2})\d*")

Fetch = Callable[[str, float], bytes]


def renew_networks(mirror: str | None, timeout_s: float, fetch: Fetch = fetched) -> str:
    """Fetch the table of networks and keep it; return a sentence of it. Raises RunFailed."""
    base = mirror or NETWORKS_FROM
    as_of = _date_of(fetch(f"{base}package.json", timeout_s))
    files = [fetch(f"{base}asn-{family}.csv", timeout_s) for family in ("ipv4", "ipv6")]
    path = keep(TABLE_NAME, networks_table(files, as_of))
    return f"networks of {as_of} (RouteViews and DB-IP, CC-BY-4.0) kept as {path}"


def renew_rdap(mirror: str | None, timeout_s: float, fetch: Fetch = fetched) -> str:
    """Fetch IANA's bootstrap files and keep them; return a sentence of them. Raises RunFailed."""
    base = mirror or RDAP_FROM
    files = {name: proved(fetch(f"{base}{name}", timeout_s)) for name in FILES}
    paths = [keep(f"rdap-{name}", content) for name, content in files.items()]
    return f"RDAP bootstrap kept in {paths[0].parent}"


def _date_of(package: bytes) -> date:
    """Return the date in a package's version, as 2.3.2026061719; without one, today's."""
    try:
        said = json.loads(package)
        found = _DATED.fullmatch(str(said["version"]))
        if found is not None:
            return date(*map(int, found.groups()))
    except (ValueError, TypeError, KeyError):
        pass
    return datetime.now(UTC).date()
