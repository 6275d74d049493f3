-- Grain: one row per link that several rows of the dataset name. Key: link_id.
-- row: the first of them. Most links have one row, and nothing is kept of those.
create or replace table repeated as
select
    coalesce(moved.new_link_id, keys.link_id) as link_id, min(keys.row) as row,
    count(*) as row_count
from read_parquet($files) as keys
left join moved on moved.link_id = keys.link_id and moved.check = keys.check
group by coalesce(moved.new_link_id, keys.link_id)
having count(*) > 1
