with this_round as (
    select coalesce(max(try_cast(value as usmallint)), 1) as round
    from meta
    where key = 'round'
),
done as (
    select distinct observation.link_id
    from observations as observation
    cross join this_round
    where observation.final and observation.round = this_round.round
),
planned as (
    select rounds.link_id
    from rounds
    inner join this_round on this_round.round = rounds.round
),
paces as (
    select
        host,
        arg_max(delay_s, round) as delay_s
    from hosts
    group by host
)
select
    link.host,
    count(*)::ubigint as left_over,
    any_value(paces.delay_s) as delay_s
from links as link
anti join done on done.link_id = link.link_id
left join paces on paces.host = link.host
where
    link.invalid_reason is null
    and (link.link_id in (select link_id from planned) or not exists (select link_id from planned))
group by link.host
