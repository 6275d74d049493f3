-- Of a place only the links are reported that something speaks against, not all that it serves.
with signs as (
    select
        signal.link_id,
        concerns.concern
    from signals as signal
    inner join signal_concerns as concerns on concerns.kind = signal.kind
    where not signal.is_calmed and concerns.concern is not null
),
now_served as (
    select
        link_id,
        min(distance) as distance,
        bool_or(kind <> 'pdq') as is_exact
    from matches
    where place = 'served_now'
    group by link_id
),
listed as (
    select
        link_id,
        case
            when is_exact then 'listed_exact'
            when distance <= 10 then 'listed_near'
            else 'listed_alike'
        end as concern,
        if(is_exact, 0, distance) as distance
    from now_served
),
concerning as (
    select
        link_id,
        list(distinct concern order by concern) as concerns
    from (
        select link_id, concern
        from signs
        union all
        select link_id, concern
        from listed
    )
    group by link_id
)
select
    placed.level,
    placed.place,
    placed.link_id,
    concerning.concerns,
    listed.distance::usmallint as distance
from placed_links as placed
inner join concerning on concerning.link_id = placed.link_id
left join listed on listed.link_id = placed.link_id
where placed.is_live
