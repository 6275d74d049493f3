-- Grain: one row per registered domain of the links that were drawn, capped or not.
create table sizes as
select host_domains.registered_domain, sum(origins.links)::ubigint as links
from origins
join host_domains on host_domains.host = origins.host
group by host_domains.registered_domain
