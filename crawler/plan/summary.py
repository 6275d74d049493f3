"""A plan as a person reads it: what was read, what was refused, what the crawl will come to.

Room: pure rules. Values in, lines out; text from outside is neutralised before it is shown.
"""

from collections.abc import Iterator

from crawler.plan.build import Plan
from crawler.plan.columns import Columns
from crawler.plan.estimate import MEAN_BODY_BYTES, Estimate
from crawler.plan.stage import SourceRows
from crawler.records.shown import shortened, visible
from crawler.urls import Reason

_MOST_FILES = 8
_MEANINGS = {
    Reason.MISSING: "no URL",
    Reason.NOT_TEXT: "not text",
    Reason.NOT_UTF8: "not UTF-8",
    Reason.UNREADABLE: "row cannot be read",
    Reason.NO_SCHEME: "no scheme",
    Reason.SCHEME: "neither http nor https",
    Reason.NO_HOST: "no host",
    Reason.BAD_HOST: "host that DNS cannot hold",
    Reason.UNPARSABLE: "not a URL",
    Reason.TOO_LONG: "too long",
}


def neutral(text: str, width: int = 72) -> str:
    """Return text from outside on one line, cut, with everything unprintable spelled out."""
    return visible(shortened(text, width))


def lines(plan: Plan) -> Iterator[str]:
    """Yield the report on a plan, line by line."""
    yield from _read(plan)
    yield from _refused(plan)
    yield from _links(plan)
    yield from _largest(plan)
    yield from _estimated(plan.estimate)
    location = visible(plan.run.location)
    yield ""
    yield f"planned {location}: stillup crawl {location} --contact URL-or-mail"


def _read(plan: Plan) -> Iterator[str]:
    sources = plan.staged.sources
    yield f"read {_many(plan.staged.rows, 'row')} of {_many(len(sources), 'file')}"
    for source in sources[:_MOST_FILES]:
        yield f"  {neutral(source.file.name)} · {source.file.format} · {source.rows:,} rows"
    if len(sources) > _MOST_FILES:
        yield f"  and {len(sources) - _MOST_FILES:,} more (plan/sources.parquet has them all)"
    if plan.skipped:
        yield f"  passed over {_many(len(plan.skipped), 'file')}: {neutral(plan.skipped[0])}" + (
            " and others" if len(plan.skipped) > 1 else ""
        )
    for columns, files in _distinct_columns(sources):
        where = "" if files == len(sources) else f" in {_many(files, 'file')}"
        yield f"columns{where}" + ("" if columns.header else " (no header)")
        yield from _columns(columns)


def _columns(columns: Columns) -> Iterator[str]:
    yield f"  url: {neutral(columns.names[columns.url], 40)} ({columns.url_why})"
    for role, name in columns.named_roles.items():
        yield f"  {role}: {neutral(name, 40)}"
    if columns.others:
        names = ", ".join(neutral(columns.names[at] or "''", 40) for at in columns.others[:12])
        more = len(columns.others) - 12
        yield f"  extra: {names}" + (f" and {more} more" if more > 0 else "")


def _refused(plan: Plan) -> Iterator[str]:
    refused = plan.staged.refused
    if not refused:
        yield "refused no row"
        return
    total = sum(count for count, _ in refused.values())
    yield f"refused {_many(total, 'row')} (kept as links with a reason, never asked for)"
    for reason, (count, example) in sorted(refused.items(), key=lambda item: -item[1][0]):
        shown = f", as {neutral(example)}" if example.strip() else ""
        yield f"  {count:,} {reason}: {_MEANINGS[Reason(reason)]}{shown}"


def _links(plan: Plan) -> Iterator[str]:
    totals, options = plan.run.totals, plan.run.options
    yield (
        f"links {totals.links:,} in {_many(len(plan.run.shards), 'shard')}"
        f" ({_many(totals.invalid_links, 'unusable', 'unusable')}),"
        f" {_many(totals.hosts, 'host')}, {_many(totals.registered_domains, 'registered domain')}"
    )
    if options.sample < 1 or options.max_per_domain is not None:
        limit = options.max_per_domain
        how = [f"{options.sample:.3%} of the links"] if options.sample < 1 else []
        how += [f"at most {limit:,} a registered domain"] if limit is not None else []
        yield (
            f"  a sample of {totals.dataset_links:,} links, weighted: {', '.join(how)};"
            f" it keeps {totals.rows:,} of {totals.dataset_rows:,} rows"
        )


def _largest(plan: Plan) -> Iterator[str]:
    if not plan.largest_domains:
        return
    yield "largest registered domains"
    usable = max(1, plan.estimate.links)
    for name, links, shards in plan.largest_domains:
        split = f", split over {shards} shards" if shards > 1 else ""
        yield f"  {links:>9,}  {links / usable:6.1%}  {neutral(name)}{split}"


def _estimated(estimate: Estimate) -> Iterator[str]:
    yield "the crawl, at the least"
    yield (
        f"  {estimate.requests:,} requests: {_many(estimate.links, 'link')} and the robots.txt of"
        f" {_many(estimate.requests - estimate.links, 'origin')} on {_many(estimate.hosts, 'host')};"
        " canaries, redirects and retries come on top"
    )
    yield (
        f"  {_size(estimate.bytes)}, if a body has {MEAN_BODY_BYTES // 1000} kB"
        " (the mean of CC3M's links in 2019; the dataset does not say)"
    )
    slowest = estimate.slowest
    if slowest is not None:
        yield (
            f"  {duration(slowest.seconds)} for politeness alone, set by {neutral(slowest.name)}:"
            f" {_many(slowest.requests, 'request')} {slowest.delay_s:g} s apart"
        )


def duration(seconds: float) -> str:
    """Return a duration in its two largest units, such as `3 h 20 min`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, hours, days = seconds / 60, seconds / 3600, seconds / 86400
    if minutes < 60:
        return f"{minutes:.0f} min"
    if hours < 24:
        return f"{int(hours)} h {int(minutes % 60)} min"
    return f"{int(days):,} d {int(hours % 24)} h"


def _size(count: int) -> str:
    for unit, size in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count / 1000:.0f} kB"


def _many(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _distinct_columns(sources: list[SourceRows]) -> list[tuple[Columns, int]]:
    counts: dict[Columns, int] = {}
    for source in sources:
        if source.columns is not None:
            counts[source.columns] = counts.get(source.columns, 0) + 1
    return list(counts.items())[:_MOST_FILES]
