-- Terms of a category, in a caption or in a URL's path.
with told as (
    select
        link_id,
        category,
        arg_min(field || ': ' || term, field) as evidence
    from text_hits
    where category in ('clinical', 'identity', 'finance', 'intimate', 'minors', 'letters')
    group by link_id, category
)
select
    link_id,
    category || '_words' as kind,
    link_id in (select link_id from text_hits where category = 'calm') as is_calmed,
    evidence
from told
