"""The hosts of a run and, where it was crawled before, how they answered.

Room: disk.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import duckdb

from crawler.database import in_memory
from crawler.records.errors import database_failure, disk_failure
from crawler.records.layout import HOSTS, LINKS, OBSERVATIONS
from crawler.records.link import LINKS_SCHEMA
from crawler.records.observation import HOSTS_SCHEMA, OBSERVATIONS_SCHEMA
from crawler.rundir import RunDirectory
from crawler.segment_rows import segment_rows
from crawler.simulation.host import Fate, HostPlan, Kind

_PLANNED = """
select shard, host, any_value(registered_domain), any_value(domain_shards)::integer,
    count(*)::integer, (count(*) filter (scheme = 'https'))::integer
from links where host is not null group by shard, host order by shard, host
"""

# What is inferred was not asked. A name's look-up is not timed apart; nor is a connection.
_SEEN = """
select
    host,
    count(*) filter (status is not null) as answers,
    mode(outcome) as outcome,
    coalesce(any_value(ip), '') as ip,
    coalesce(median(ttfb_ms) / 1000.0, 0) as ttfb_s,
    coalesce(median(total_ms - ttfb_ms) / 1000.0, 0) as body_s,
    coalesce(avg(body_bytes) filter (status between 200 and 299), 0) as body_bytes,
    avg((coalesce(status, 0) between 200 and 299)::integer) as served_share,
    avg((outcome = 'timeout')::integer) as hanging_share
from observations where not inferred and final and coalesce(len(hops), 0) = 0 group by host
"""
_DELAYS = """
select host, coalesce(max(crawl_delay_s), 0)
from hosts group by host having max(crawl_delay_s) is not null
"""

_COLUMNS = {
    LINKS: (LINKS_SCHEMA, ["shard", "host", "registered_domain", "domain_shards", "scheme"]),
    OBSERVATIONS: (
        OBSERVATIONS_SCHEMA,
        ["host", "status", "outcome", "ip", "ttfb_ms", "total_ms", "body_bytes", "inferred", "final",
         "hops"],
    ),
    HOSTS: (HOSTS_SCHEMA, ["host", "crawl_delay_s"]),
}  # fmt: skip

_KINDS = {
    "dns_not_found": Kind.NO_NAME,
    "dns_failure": Kind.NO_NAME,
    "connect_refused": Kind.REFUSES,
    "connect_failed": Kind.REFUSES,
    "tls_failed": Kind.REFUSES,
    "connect_timeout": Kind.SILENT,
}


def planned_hosts(run: RunDirectory) -> dict[int, list[HostPlan]]:
    """Return the hosts of each shard. Raises RunFailed."""
    shards: dict[int, list[HostPlan]] = {plan.shard: [] for plan in run.shards}
    for shard, *host in _rows(run, LINKS, _PLANNED):
        shards[shard].append(HostPlan(*host))
    return shards


def seen_fates(run: RunDirectory) -> dict[str, Fate]:
    """Return how the hosts answered that a crawl of the run has asked. Raises RunFailed."""
    delays = dict(_rows(run, HOSTS, _DELAYS))
    return {
        row[0]: _fate(*row[1:], delays=delays, host=row[0])
        for row in _rows(run, OBSERVATIONS, _SEEN)
    }


def _fate(
    answers: int,
    outcome: str,
    ip: str,
    ttfb_s: float,
    body_s: float,
    body_bytes: float,
    served_share: float,
    hanging_share: float,
    *,
    delays: Mapping[str, float],
    host: str,
) -> Fate:
    kind = Kind.ANSWERS if answers else _KINDS.get(outcome, Kind.ANSWERS)
    return Fate(
        kind=kind,
        address=ip,
        ttfb_s=ttfb_s,
        body_s=max(0.0, body_s),
        body_bytes=int(body_bytes),
        served_share=served_share,
        hanging_share=hanging_share,
        crawl_delay_s=delays.get(host, 0.0),
    )


def _rows(run: RunDirectory, table: str, sql: str) -> list[tuple[Any, ...]]:
    """Ask a table of the run, by its name, none of whose files may be there. Raises RunFailed."""
    files = run.files(table)
    if not files:
        return []
    try:
        with in_memory() as connection:
            connection.register(table, segment_rows(files, *_COLUMNS[table]))
            return connection.execute(sql).fetchall()
    except OSError as error:
        raise disk_failure(f"cannot read the {table} of {run.location}", error) from error
    except duckdb.Error as error:
        cause = " ".join(str(error).split())[:300]
        raise database_failure(f"cannot read the {table} of {run.location}: ", cause) from error


def by_domain(shards: Mapping[int, list[HostPlan]]) -> dict[str, int]:
    """Return the links of each registered domain over all shards."""
    links: defaultdict[str, int] = defaultdict(int)
    for hosts in shards.values():
        for host in hosts:
            links[host.registered_domain] += host.links
    return links
