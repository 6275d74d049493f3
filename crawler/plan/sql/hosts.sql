-- Grain: one row per host of the run. Key: host; rank.
-- rank: the host's place when hosts are ordered by registered domain and name.
create table hosts as
select origins.host, any_value(host_domains.registered_domain) as registered_domain,
    sum(origins.links)::ubigint as links, count(*)::ubigint as origins,
    row_number() over (order by any_value(host_domains.registered_domain), origins.host) as rank
from origins
join host_domains on host_domains.host = origins.host
group by origins.host
