-- Grain: one row per host of the run. Key: host; rank.
-- rank: the host's place when hosts are ordered by registered domain and name.
create table hosts as
select host, any_value(registered_domain) as registered_domain, count(*) as links,
    count(distinct (scheme, port)) as origins,
    row_number() over (order by any_value(registered_domain), host) as rank
from kept
where host is not null
group by host
