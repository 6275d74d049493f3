"""A run of any number of observations, from a seed, as two rounds of a crawl would leave it.

One domain has a link in twenty and is in every shard; the others' sizes fall off as 1/rank. A visit
walks up to 50 links of a host, and a segment holds what visits saw in the order in which they ended.
"""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crawler.records.layout import OBSERVATIONS, segment_name, shard_folder
from crawler.records.observation import OBSERVATIONS_SCHEMA
from crawler.rundir import PlanOptions, PlanTotals, RunDirectory, ShardPlan, save_run
from crawler.sealed import write_sealed

SHARD_LINKS = 125_000  # looked at twice
SEGMENT_ROWS = 10_000
DOMAINS = 5_000  # of a shard
VISIT_LINKS = 50
GIANT = "giant.example"
GIANT_SHARE = 0.05
YEARS = (2025, 2026)
_SEED = 20

# Outcome, status, its share of the first round; one in ten that was up is gone in the second.
_OUTCOMES = (
    ("ok", 200, 0.62),
    ("gone", 404, 0.17),
    ("dns_not_found", None, 0.08),
    ("denied", 403, 0.06),
    ("connect_timeout", None, 0.04),
    ("server_error", 500, 0.03),
)
_GONE_SINCE = 0.1

Numbers = npt.NDArray[np.int64]


def make_run(root: Path, observations: int) -> int:
    """Write a run of so many observations, rounded up to whole shards; return how many they are."""
    shards = max(1, -(-observations // (2 * SHARD_LINKS)))
    for shard in range(shards):
        _make_shard(root, shard)
    save_run(_plan(root, shards))
    return shards * 2 * SHARD_LINKS


def _make_shard(root: Path, shard: int) -> None:
    rng = np.random.default_rng([_SEED, shard])
    folder = root / shard_folder(OBSERVATIONS, shard)
    folder.mkdir(parents=True)
    domains = _domains(rng)
    outcomes = _outcomes(rng, domains)
    number = 0
    for round_ in (1, 2):
        if round_ == 2:
            outcomes = np.where(
                (outcomes == 0) & (rng.random(SHARD_LINKS) < _GONE_SINCE), 1, outcomes
            )
        order = _walked(rng, domains)
        for at in range(0, SHARD_LINKS, SEGMENT_ROWS):
            links = order[at : at + SEGMENT_ROWS]
            table = _rows(rng, shard, round_, links, domains[links], outcomes[links])
            write_sealed(
                folder / segment_name(number), OBSERVATIONS_SCHEMA, [table], compression_level=3
            )
            number += 1


def _domains(rng: np.random.Generator) -> Numbers:
    """Return the domain of each link of a shard, in order; -1 is the giant."""
    giant = round(SHARD_LINKS * GIANT_SHARE)
    weights = 1 / np.arange(1, DOMAINS + 1)
    drawn = rng.choice(DOMAINS, SHARD_LINKS - giant, p=weights / weights.sum())
    return np.sort(np.concatenate([np.full(giant, -1), drawn]))


def _outcomes(rng: np.random.Generator, domains: Numbers) -> Numbers:
    """Return each link's outcome: half of what decides it is its domain's."""
    shares = np.cumsum([share for *_, share in _OUTCOMES])
    of_domain = np.searchsorted(shares, rng.random(DOMAINS + 1) * shares[-1])
    of_link = np.searchsorted(shares, rng.random(SHARD_LINKS) * shares[-1])
    return np.asarray(np.where(rng.random(SHARD_LINKS) < 0.5, of_domain[domains], of_link))


def _walked(rng: np.random.Generator, domains: Numbers) -> Numbers:
    """Return the links in the order of a crawl: each domain's in visits, the visits shuffled."""
    begins = np.searchsorted(domains, domains)  # a domain's links lie together
    visits = (np.arange(len(domains)) - begins) // VISIT_LINKS * (DOMAINS + 1) + domains + 1
    shuffled = rng.permutation(visits.max() + 1)
    return np.argsort(shuffled[visits], kind="stable")


def _rows(
    rng: np.random.Generator,
    shard: int,
    round_: int,
    links: Numbers,
    domains: Numbers,
    outcomes: Numbers,
) -> pa.Table:
    count = len(links)
    served = outcomes == 0
    texts = [f"d{n}-{shard}.example" for n in range(DOMAINS)]
    domain = pa.array([*texts, GIANT]).take(pa.array(domains % (DOMAINS + 1)))
    host = pc.binary_join_element_wise(
        pa.array(["www", "cdn"]).take(pa.array(domains % 2)), domain, "."
    )
    url = pc.binary_join_element_wise(
        "https:/", host, "wp-content", pa.array(links % 40 + 1980).cast(pa.string()),
        pa.array(links * 7_919).cast(pa.string()), "/",
    )  # fmt: skip
    began = int(datetime(YEARS[round_ - 1], 3, 1, tzinfo=UTC).timestamp() * 1e6)
    length = rng.integers(5_000, 500_000, count)
    columns = {
        "link_id": link_ids(shard, links),
        "round": np.full(count, round_),
        "attempt": np.ones(count),
        "final": np.ones(count, bool),
        "observed_at": began + rng.integers(0, 10**12, count),
        "outcome": pa.array([name for name, *_ in _OUTCOMES]).take(pa.array(outcomes)),
        "status": pa.array([status for _, status, _ in _OUTCOMES], pa.uint16()).take(pa.array(outcomes)),
        "method": pa.array(["GET"] * count),
        "url": url,
        "final_url": url,
        "host": host,
        "registered_domain": domain,
        "ip": pc.binary_join_element_wise("192.0.2", pa.array(domains % 250).cast(pa.string()), "."),
        "content_type": _where(served, pa.array(["image/jpeg"] * count)),
        "media_type": _where(served, pa.array(["image/jpeg"] * count)),
        "declared_bytes": _where(served, pa.array(length)),
        "body_bytes": _where(served, pa.array(length)),
        "sha256": _where(served, _digests(rng, count, 32)),
        "md5": _where(served, _digests(rng, count, 16)),
        "pdq": _where(served, _digests(rng, count, 32)),
        "pdq_quality": _where(served, pa.array(rng.integers(0, 101, count))),
        "width": _where(served, pa.array(rng.integers(100, 2_000, count))),
        "height": _where(served, pa.array(rng.integers(100, 2_000, count))),
        "server": pa.array(["nginx", "cloudflare", "Apache"]).take(pa.array(domains % 3)),
        "ttfb_ms": rng.gamma(2.0, 60.0, count),
        "total_ms": rng.gamma(2.0, 90.0, count),
        "inferred": outcomes == 2,
        "suspect": np.zeros(count, bool),
        "shard": np.full(count, shard),
        "visit_id": (shard << 40) + np.arange(count) // VISIT_LINKS,
    }  # fmt: skip
    return pa.table(
        [
            pa.array(columns[field.name]).cast(field.type, safe=False)
            if field.name in columns
            else pa.nulls(count, field.type)
            for field in OBSERVATIONS_SCHEMA
        ],
        schema=OBSERVATIONS_SCHEMA,
    )


def link_ids(shard: int, links: Numbers) -> npt.NDArray[np.uint64]:
    """Return numbers that look as digests do."""
    mixed = (links.astype(np.uint64) + np.uint64(shard * SHARD_LINKS + 1)) * np.uint64(
        0x9E3779B97F4A7C15
    )
    mixed ^= mixed >> np.uint64(29)
    return mixed * np.uint64(0xBF58476D1CE4E5B9)


def _digests(rng: np.random.Generator, count: int, size: int) -> pa.Array:
    return pa.Array.from_buffers(
        pa.binary(size), count, [None, pa.py_buffer(rng.bytes(count * size))]
    )


def _where(served: npt.NDArray[np.bool_], values: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(served), values, pa.scalar(None, values.type))


def _plan(root: Path, shards: int) -> RunDirectory:
    links, domains = shards * SHARD_LINKS, shards * DOMAINS + 1
    return RunDirectory(
        location=str(root),
        planned_at=datetime(YEARS[0], 1, 1, tzinfo=UTC),
        stillup_version="bench",
        suffix_list_version="none",
        round=2,
        options=PlanOptions(sources=("bench/sql",)),
        totals=PlanTotals(
            files=1, dataset_rows=links, dataset_links=links, rows=links, links=links,
            invalid_links=0, hosts=domains, origins=domains, registered_domains=domains,
        ),
        shards=tuple(ShardPlan(shard=shard, links=SHARD_LINKS) for shard in range(shards)),
    )  # fmt: skip
