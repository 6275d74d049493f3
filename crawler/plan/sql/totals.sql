-- Grain: one row: the size of the run.
select
    size.links, size.invalid_links,
    (select count(*) from hosts) as hosts,
    (select coalesce(sum(origins), 0)::ubigint from hosts) as origins,
    (select count(*) from domains) as registered_domains
from size
