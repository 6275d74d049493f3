-- The latest final look of each link, doubtful or not; a link without one shows why.
with last_looks as (
    select link_id, arg_max(outcome, round) as outcome
    from observations
    where final
    group by link_id
)
select
    coalesce(
        last_looks.outcome, if(link.invalid_reason is null, 'not_looked_yet', 'url_invalid')
    ) as outcome,
    count(*)::ubigint as links,
    sum(link.row_count)::ubigint as rows,
    sum(link.weight)::double as weighted_links,
    sum(link.weight * link.row_count)::double as weighted_rows
from links as link
left join last_looks on last_looks.link_id = link.link_id
group by coalesce(last_looks.outcome, if(link.invalid_reason is null, 'not_looked_yet', 'url_invalid'))
