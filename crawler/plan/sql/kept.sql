-- Grain: one row per link of the run, by its first row; only made where domains are capped.
-- At most $max_per_domain links of a registered domain, those with the lowest draws; invalid
-- links belong to no domain and are all kept.
insert into kept
select candidates.row, candidates.link_id
from candidates
left join host_domains on host_domains.code = candidates.code
qualify host_domains.registered_domain is null or row_number() over (
    partition by host_domains.registered_domain
    order by candidates.draw, candidates.link_id
) <= $max_per_domain
order by candidates.row
