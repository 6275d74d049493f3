-- Grain: one row per registered domain of the run, largest first. Key: registered_domain.
select
    domains.registered_domain, domains.links, domains.hosts, domains.origins,
    list_sort(list(domain_parts.shard)) as shards
from domains
join domain_parts on domain_parts.registered_domain = domains.registered_domain
group by domains.registered_domain, domains.links, domains.hosts, domains.origins
order by domains.links desc, domains.registered_domain
