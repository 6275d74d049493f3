-- A word of a category beside a mark of somebody's own file, in one caption.
with topics as (
    select
        link_id,
        min(category) as category
    from text_hits
    where category in ('clinical', 'identity', 'finance', 'intimate', 'minors', 'letters')
    group by link_id
),
marks as (
    select
        link_id,
        arg_min(coalesce(term, category), category) as mark
    from text_hits
    where
        category in ('record', 'mail', 'phone', 'iban', 'card', 'national_id') and field = 'caption'
    group by link_id
)
select
    topics.link_id,
    'own_record' as kind,
    topics.link_id in (select link_id from text_hits where category = 'calm') as is_calmed,
    topics.category || ' beside ' || marks.mark as evidence
from topics
inner join marks on marks.link_id = topics.link_id
