-- Grain: one row per link of the run, by its first row; only made where domains are capped.
-- At most $max_per_domain links of a registered domain, those with the lowest draws; invalid
-- links belong to no domain and are all kept.
insert into kept
select keys.row
from read_parquet($files) as keys
left join moved on moved.link_id = keys.link_id and moved.check = keys.check
left join repeated on repeated.link_id = coalesce(moved.new_link_id, keys.link_id)
left join host_domains on host_domains.host = keys.host
where keys.drawn and coalesce(repeated.row, keys.row) = keys.row
qualify host_domains.registered_domain is null or row_number() over (
    partition by host_domains.registered_domain
    order by keys.draw, coalesce(moved.new_link_id, keys.link_id)
) <= $max_per_domain
