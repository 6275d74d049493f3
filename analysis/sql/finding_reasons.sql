-- The arithmetic of a finding, a kind a row. docs/guide/findings.md goes through it by hand.
with links_everywhere as (
    select
        count(*) as all_links,
        count_if(is_open) as open_links
    from placed_links
    where level = 'domain'
),
kinds as (
    select
        signal_kinds.*,
        if(counts_when_down, all_links, open_links) as links_everywhere
    from signal_kinds
    cross join links_everywhere
),
-- Leaks must not hide one another: a place says of a kind at most ten times what is usual.
capped as (
    select
        found.*,
        kinds.* exclude (kind),
        least(found.found, 1 + 10 * kinds.usual_share * found.links) as told
    from place_signals as found
    inner join kinds on kinds.kind = found.kind
),
everywhere as (
    select
        kind,
        sum(told) as told
    from capped
    where level = 'domain'
    group by kind
),
compared as (
    select
        capped.*,
        capped.found * (capped.found / (capped.found + capped.calmed)) as hits,
        -- What is usual counts as much as 1,000 links.
        (greatest(0, coalesce(everywhere.told, 0) - capped.told) + 1000 * capped.usual_share)
        / (capped.links_everywhere - capped.links + 1000) as share_elsewhere,
        capped.links * share_elsewhere as expected,
        log2((hits + 0.5) / (expected + 0.5)) as doublings,
        -- The lower end of what chance allows (Noren et al., 2013); hits that are no chance keep all.
        if(
            capped.is_certain, doublings,
            doublings - 3.3 / sqrt(hits + 0.5) - 2 / pow(hits + 0.5, 1.5)
        ) as sure_doublings
    from capped
    left join everywhere on everywhere.kind = capped.kind
)
select
    level,
    place,
    kind,
    links,
    found,
    calmed,
    hits::double as hits,
    share_elsewhere::double as share_elsewhere,
    expected::double as expected,
    doublings::double as doublings,
    strength::double as strength,
    (strength * greatest(0, doublings))::double as points,
    (strength * greatest(0, sure_doublings))::double as sure_points,
    evidence,
    examples
from compared
