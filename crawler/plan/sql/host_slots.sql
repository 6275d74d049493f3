-- Grain: one row per host. Key: host. A slot holds the links of a host in a shard: those whose id
-- leaves `slot - first_slot` modulo `domain_shards`. Slots are numbered in the order of rank.
create table host_slots as
select code, host, rank, registered_domain, links, domain_shards,
    (sum(domain_shards) over (order by rank) - domain_shards)::ubigint as first_slot
from hosts
join (
    select registered_domain, any_value(domain_shards) as domain_shards
    from domain_parts
    group by registered_domain
) as split using (registered_domain)
