-- Grain: one row per link of the run whose first row lies in a stretch, in the order of position.
select row, position, link_id, registered_domain, shard, row_count, weight, domain_shards
from placed
where row between $first_row and $last_row
order by position
