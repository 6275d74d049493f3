-- What is left to do of some of a shard's links: one row per link without a final observation this
-- round. Grain: one row per link. Key: link_id. Order: as a plan has the shard, the links of a host
-- together. Relations: links (some of the shard), wanted (those of them that are of the round),
-- seen (what was seen of them).
select
    wanted.host,
    wanted.registered_domain,
    wanted.domain_shards,
    wanted.link_id,
    wanted.wire_url,
    wanted.scheme,
    wanted.port,
    coalesce(attempts, 0)::usmallint as attempts,
    wanted.if_none_match,
    wanted.if_modified_since,
    wanted.conditions_url,
from wanted left join seen on wanted.link_id = seen.link_id
where invalid_reason is null and not coalesce(is_done, false)
order by wanted.registered_domain, wanted.host, wanted.wire_url
