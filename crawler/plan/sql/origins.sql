-- Grain: one row per scheme, host and port of the run's links; one more, of nulls, for invalid links.
-- A link counts where its first row is. $capped: only those of `kept` (see kept.sql).
create or replace table origins as
select keys.host, keys.scheme, keys.port, count(*) as links
from read_parquet($files) as keys
left join moved on moved.link_id = keys.link_id and moved.check = keys.check
left join repeated on repeated.link_id = coalesce(moved.new_link_id, keys.link_id)
where keys.drawn and coalesce(repeated.row, keys.row) = keys.row
    and (not $capped or keys.row in (select row from kept))
group by keys.host, keys.scheme, keys.port
