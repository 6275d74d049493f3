-- Grain: one row per slot with links at positions from $first to $last, in order.
select host, registered_domain, shard, domain_shards, weight,
    (least(start + links, $last + 1) - greatest(start, $first))::bigint as links
from slots
where start <= $last and start + links > $first
order by start
