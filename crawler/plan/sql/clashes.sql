-- Grain: one row per key among those that share an id with another key. Key: link_id, check.
-- The key that came first in the dataset is the first of its id.
select staged.link_id, staged.check, min(staged.row) as row
from read_parquet($files) as staged
semi join (select link_id from first_rows where clashes) as clash
    on clash.link_id = staged.link_id
group by staged.link_id, staged.check
order by staged.link_id, row
