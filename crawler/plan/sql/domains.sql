-- Grain: one row per registered domain of the run. Key: registered_domain.
create table domains as
select registered_domain, sum(links)::ubigint as links, count(*)::ubigint as hosts,
    sum(origins)::ubigint as origins
from hosts
group by registered_domain
