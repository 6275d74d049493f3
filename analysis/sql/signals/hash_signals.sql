-- The picture is on a hash list: it is served, it was, or the dataset promised it.
with best as (
    select
        link_id,
        min(distance) as distance,
        bool_or(kind <> 'pdq') as is_exact,
        arg_min(list, distance) as list,
        arg_min(place, distance) as place
    from matches
    group by link_id
)
select
    link_id,
    case
        when is_exact then 'hash_exact'
        when distance <= 10 then 'hash_near'
        else 'hash_alike'
    end as kind,
    false as is_calmed,
    'list ' || list || ', ' || replace(place, '_', ' ') || if(is_exact, '', ', ' || distance || ' of 256 bits differ') as evidence
from best
