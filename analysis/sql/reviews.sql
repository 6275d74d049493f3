select
    review_id,
    acted_at as reviewed_at,
    round,
    level,
    place,
    decision,
    reviewer,
    note,
    row_number() over (partition by level, place order by acted_at desc, review_id desc) = 1 as counts
from segments.actions
where kind = 'review'
