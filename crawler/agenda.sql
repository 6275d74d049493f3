-- What is left to do of a shard: one row per link without a final observation this round.
-- Grain: one row per link. Key: link_id. Order: the hosts that will take longest first, the links
-- of a host together. Relations: wanted (the links of the round), observed (of the shard), paces
-- (registered_domain, delay_s).
with
done as (
    select link_id from observed where round = $round and final
),
tried as (
    select link_id, max(attempt) as attempts from observed
    where round = $round and not final
    group by link_id
),
due as (
    select
        wanted.link_id, wire_url, scheme, host, port, registered_domain, domain_shards,
        if_none_match, if_modified_since, conditions_url
    from wanted anti join done on wanted.link_id = done.link_id
    where invalid_reason is null
),
host_sizes as (
    select host, any_value(registered_domain) as registered_domain, count(*) as host_links,
    from due group by host
),
ordered_hosts as (
    select host, host_links, host_links * coalesce(delay_s, $delay_s) as host_s
    from host_sizes left join paces on host_sizes.registered_domain = paces.registered_domain
)
select
    due.host,
    due.registered_domain,
    due.domain_shards,
    host_links,
    due.link_id,
    due.wire_url,
    due.scheme,
    due.port,
    coalesce(attempts, 0)::usmallint as attempts,
    due.if_none_match,
    due.if_modified_since,
    due.conditions_url,
from due
join ordered_hosts on due.host = ordered_hosts.host
left join tried on due.link_id = tried.link_id
order by host_s desc, host_links desc, due.host, due.wire_url
