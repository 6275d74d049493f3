-- Grain: one row per link of the run, with its shard. Key: link_id; row; position.
-- A split domain's links go to its parts by id; invalid links are spread over all shards by id.
-- position: where the link stands when all shards are written one after the other, each in the
-- order in which a crawl walks it: host by host. Stored by row, so that text is joined in passing.
create table placed as
with sharded as (
    select
        kept.*, hosts.rank,
        coalesce(domain_parts.domain_shards, 1)::usmallint as domain_shards,
        coalesce(domain_parts.shard, kept.link_id % $shards)::uinteger as shard
    from kept
    left join hosts on hosts.host = kept.host
    left join domain_parts
        on domain_parts.registered_domain = kept.registered_domain
        and domain_parts.part = kept.link_id % domain_parts.domain_shards
)

select
    link_id, row, row_count, host, registered_domain, weight, domain_shards, shard,
    (row_number() over (order by shard, rank nulls last, row) - 1)::ubigint
        as position
from sharded
order by row
