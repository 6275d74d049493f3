-- Grain: one row per link that was drawn; called once for each stretch of rows, in order.
-- Where a link lives: the columns that decide its shard, without its text.
insert into candidates
select first_rows.link_id, first_rows.row, first_rows.row_count, first_rows.draw,
    staged.host, staged.scheme, staged.port
from read_parquet($files) as staged
join first_rows on first_rows.row = staged.row
where first_rows.drawn and first_rows.row between $first_row and $last_row
