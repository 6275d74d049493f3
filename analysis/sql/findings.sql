-- Places with their reasons. The order by score is the order to work in.
with sizes as (
    select
        level,
        place,
        count(*) as links,
        count_if(is_open) as open_links,
        count_if(is_live) as live_links,
        count_if(level = 'domain' and link_id in (select link_id from tenants)) as tenant_links
    from placed_links
    group by level, place
),
scores as (
    select
        level,
        place,
        sum(points) as score,
        sum(sure_points) as sure_score,
        list(kind order by points desc, kind) filter (where points > 0) as reasons,
        arg_max(examples, points) as examples
    from finding_reasons
    group by level, place
    having sum(points) > 0
)
select
    scores.level,
    scores.place,
    sizes.links::ubigint as links,
    sizes.open_links::ubigint as open_links,
    sizes.live_links::ubigint as live_links,
    round(scores.score, 3)::double as score,
    round(scores.sure_score / scores.score, 3)::double as confidence,
    scores.reasons,
    scores.examples,
    2 * sizes.tenant_links > sizes.links as is_shared
from scores
inner join sizes on sizes.level = scores.level and sizes.place = scores.place
