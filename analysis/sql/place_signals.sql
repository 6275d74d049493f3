-- How often a kind of signal is found at a place, among the links that count.
with sizes as (
    select
        level,
        place,
        count(*) as all_links,
        count_if(is_open) as open_links
    from placed_links
    group by level, place
),
found as (
    select
        placed.level,
        placed.place,
        kinds.kind,
        kinds.counts_when_down,
        count_if(not signal.is_calmed) as found,
        count_if(signal.is_calmed) as calmed,
        arg_min(signal.link_id, signal.link_id, 5) filter (where not signal.is_calmed) as examples,
        arg_min(signal.evidence, signal.link_id) filter (where not signal.is_calmed) as evidence
    from signals as signal
    inner join signal_kinds as kinds on kinds.kind = signal.kind
    inner join placed_links as placed on placed.link_id = signal.link_id
    where placed.is_open or kinds.counts_when_down
    group by placed.level, placed.place, kinds.kind, kinds.counts_when_down
)
select
    found.level,
    found.place,
    found.kind,
    if(found.counts_when_down, sizes.all_links, sizes.open_links)::ubigint as links,
    found.found::ubigint as found,
    found.calmed::ubigint as calmed,
    found.evidence,
    found.examples
from found
inner join sizes on sizes.level = found.level and sizes.place = found.place
where found.found > 0
