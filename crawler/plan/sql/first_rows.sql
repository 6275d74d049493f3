-- Grain: one row per distinct link of the dataset, sampled or not. Key: link_id.
-- Fixed-width columns only, so that it can be grouped with little memory.
-- clashes: two different keys share this id (see clashes.sql).
create or replace table first_rows as
select
    coalesce(moved.new_link_id, staged.link_id) as link_id,
    min(staged.row) as row,
    count(*) as row_count,
    any_value(staged.draw) as draw,
    bool_and(staged.drawn) as drawn,
    min(staged.check) <> max(staged.check) as clashes
from read_parquet($files) as staged
left join moved on moved.link_id = staged.link_id and moved.check = staged.check
group by coalesce(moved.new_link_id, staged.link_id)
