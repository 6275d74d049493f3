-- Grain: one row per key among those that share an id with another key. Key: link_id, check.
-- The key that came first in the dataset is the first of its id.
select keys.link_id, keys.check, min(keys.row) as row
from read_parquet($files) as keys
semi join repeated on repeated.link_id = keys.link_id
group by keys.link_id, keys.check
qualify count(*) over (partition by keys.link_id) > 1
order by keys.link_id, row
