-- What the dataset's makers are asked to leave out: rows of links that were confirmed, up or not.
with confirmed as (
    select
        placed.link_id,
        placed.level,
        placed.place
    from placed_links as placed
    inner join reviews as review on review.level = placed.level and review.place = placed.place
    where review.counts and review.decision = 'confirm'
),
concerning as (
    select
        signal.link_id,
        list(distinct concerns.concern order by concerns.concern) as concerns
    from signals as signal
    inner join signal_concerns as concerns on concerns.kind = signal.kind
    where not signal.is_calmed and concerns.concern is not null
    group by signal.link_id
),
listed as (
    select distinct link_id
    from matches
),
reasons as (
    select
        confirmed.link_id,
        any_value(concerning.concerns) as concerns,
        bool_or(listed.link_id is not null) as is_listed,
        bool_or(told.link_id is not null) as is_told
    from confirmed
    left join concerning on concerning.link_id = confirmed.link_id
    left join listed on listed.link_id = confirmed.link_id
    left join told_links as told
        on told.link_id = confirmed.link_id and told.level = confirmed.level and told.place = confirmed.place
    group by confirmed.link_id
)
select
    source_rows.source,
    source_rows.source_row,
    source_rows.link_id,
    sha256(link.url) as url_sha256,
    array_to_string(
        list_concat(if(reasons.is_listed, ['listed'], []), coalesce(reasons.concerns, if(reasons.is_listed, [], ['reported']))),
        ' '
    ) as reason
from reasons
inner join links as link on link.link_id = reasons.link_id
inner join dataset_rows as source_rows on source_rows.link_id = reasons.link_id
where reasons.is_listed or reasons.is_told or reasons.concerns is not null
