-- Grain: one row per registered domain of the links that were drawn, capped or not.
create table sizes as
select host_domains.registered_domain, sum(counted.links)::ubigint as links
from counted
join host_domains on host_domains.code = counted.code
group by host_domains.registered_domain
