-- What the dataset's own columns say: LAION, COYO and DataComp call them so.
with said as (
    select
        link_id,
        try_cast(extra ->> 'punsafe' as double) as punsafe,
        upper(coalesce(extra ->> 'NSFW', extra ->> 'nsfw')) as nsfw,
        try_cast(extra ->> 'nsfw_score_opennsfw2' as double) as opennsfw
    from links
    where extra is not null
)
select
    link_id,
    'dataset_unsafe' as kind,
    false as is_calmed,
    case
        when punsafe > 0.5 then 'punsafe ' || round(punsafe, 2)
        when nsfw = 'NSFW' then 'NSFW'
        else 'nsfw_score_opennsfw2 ' || round(opennsfw, 2)
    end as evidence
from said
where punsafe > 0.5 or nsfw = 'NSFW' or opennsfw > 0.5
