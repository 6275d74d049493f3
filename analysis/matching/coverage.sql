-- One row: of how many links what is known that a hash can be held against.
with by_link as (
    select
        link_id,
        bool_or(sha256 is not null) as has_digest,
        bool_or(pdq is not null) as has_pdq,
        bool_or(pdq_quality >= ?) as has_fit_pdq,
        bool_or(media_type like 'image/%') as has_picture
    from segments.observations
    group by link_id
)
select
    (select count(*) from segments.links) as links,
    count(*) as looked_at,
    count(*) filter (where has_digest) as with_digest,
    count(*) filter (where has_picture) as with_picture,
    count(*) filter (where has_pdq) as with_pdq,
    count(*) filter (where has_fit_pdq) as with_fit_pdq
from by_link
