-- Grain: one row per shard that has links. Key: shard.
with by_domain as (
    select shard, registered_domain, any_value(domain_shards) as domain_shards,
        sum(links)::ubigint as links
    from slots
    where registered_domain is not null
    group by shard, registered_domain
),

largest_host as (
    select distinct on (shard) *
    from slots
    where host is not null
    order by shard, links * domain_shards desc, host
),

largest_domain as (
    select distinct on (shard) *
    from by_domain
    order by shard, links * domain_shards desc, registered_domain
)

select
    slots.shard,
    sum(slots.links)::ubigint as links,
    coalesce(sum(slots.links) filter (slots.host is null), 0)::ubigint as invalid_links,
    count(slots.host) as hosts,
    any_value(largest_host.host) as largest_host,
    coalesce(any_value(largest_host.links), 0) as largest_host_links,
    coalesce(any_value(largest_host.domain_shards), 1) as largest_host_shards,
    any_value(largest_domain.registered_domain) as largest_domain,
    coalesce(any_value(largest_domain.links), 0) as largest_domain_links,
    coalesce(any_value(largest_domain.domain_shards), 1) as largest_domain_shards
from slots
left join largest_host using (shard)
left join largest_domain using (shard)
group by slots.shard
order by slots.shard
