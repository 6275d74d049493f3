-- Grain: one row per slot that has links. Key: slot; start; shard, host.
-- start: how many links come before it when all shards are written one after the other, each in the
-- order in which a crawl walks it: host by host, what is invalid last, and a host's links by row.
create table slots as
with counted as (
    select first_slot as slot, links from host_slots where domain_shards = 1
    union all
    select slot, sum(links) as links from shared_slots group by slot
),

possible as (
    select host_slots.*, domain_parts.shard, host_slots.first_slot + domain_parts.part as slot
    from host_slots
    join domain_parts on domain_parts.registered_domain = host_slots.registered_domain
),

sharded as (
    select
        counted.slot, counted.links::ubigint as links, possible.host, possible.rank,
        possible.registered_domain, coalesce(possible.domain_shards, 1)::usmallint as domain_shards,
        coalesce(possible.shard, counted.slot - $invalid_slot)::uinteger as shard
    from counted
    left join possible on possible.slot = counted.slot
)

select
    sharded.*, coalesce(domains.weight, 1 / $sample) as weight,
    (sum(sharded.links) over (order by shard, rank nulls last) - sharded.links)::ubigint as start
from sharded
left join domains on domains.registered_domain = sharded.registered_domain
order by start
