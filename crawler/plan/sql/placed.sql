-- Grain: one row per link of the run, by its first row. Key: link_id; row. Stored by row, so that
-- text is joined in passing. Invalid links are spread over all shards by id, in slots of their own
-- from $invalid_slot on.
create table placed as
select keys.row, coalesce(moved.new_link_id, keys.link_id) as link_id,
    coalesce(repeated.row_count, 1)::ubigint as row_count,
    coalesce(
        host_slots.first_slot + coalesce(moved.new_link_id, keys.link_id) % host_slots.domain_shards,
        $invalid_slot + coalesce(moved.new_link_id, keys.link_id) % $shards
    )::ubigint as slot
from read_parquet($files) as keys
left join moved on moved.link_id = keys.link_id and moved.check = keys.check
left join repeated on repeated.link_id = coalesce(moved.new_link_id, keys.link_id)
left join host_slots on host_slots.host = keys.host
where keys.drawn and coalesce(repeated.row, keys.row) = keys.row
    and (not $capped or keys.row in (select row from kept))
order by keys.row
