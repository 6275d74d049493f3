with this_round as (
    select coalesce(max(try_cast(value as usmallint)), 1) as round
    from meta
    where key = 'round'
),
-- The first round has no plan and looks at every link.
planned as (
    select rounds.link_id
    from rounds
    inner join this_round on this_round.round = rounds.round
),
seen as (
    select
        observation.link_id,
        count(*) as attempts,
        bool_or(observation.final) as done
    from observations as observation
    cross join this_round
    where observation.round = this_round.round
    group by observation.link_id
)
select
    link.shard,
    count(*)::ubigint as links,
    count_if(link.invalid_reason is not null)::ubigint as invalid,
    count_if(link.invalid_reason is null and coalesce(seen.done, false))::ubigint as done,
    count_if(link.invalid_reason is null and not coalesce(seen.done, false))::ubigint as left_over,
    coalesce(sum(seen.attempts), 0)::ubigint as attempts
from links as link
left join seen on seen.link_id = link.link_id
where link.link_id in (select link_id from planned) or not exists (select link_id from planned)
group by link.shard
