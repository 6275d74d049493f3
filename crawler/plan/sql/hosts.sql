-- Grain: one row per host of the run. Key: host; code; rank.
-- rank: the host's place when hosts are ordered by registered domain and name.
create table hosts as
select counted.code, host_domains.host, host_domains.registered_domain, counted.links,
    counted.origins,
    row_number() over (order by host_domains.registered_domain, host_domains.host) as rank
from counted
join host_domains on host_domains.code = counted.code
