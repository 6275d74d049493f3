-- What was seen this round of some of a shard's links. Grain: one row per link that was looked at. Key:
-- link_id; place. Relations: every_row (the looks), places (of the links).
select link_id, place, bool_or(final) as is_done, max(attempt) as attempts
from every_row join places using (link_id)
group by link_id, place
