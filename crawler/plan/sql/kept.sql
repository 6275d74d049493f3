-- Grain: one row per link of the run, by its first row; only made where domains are capped.
-- At most $max_per_domain links of a registered domain, those with the lowest draws; invalid
-- links belong to no domain and are all kept.
insert into kept
select row, link_id
from candidates
qualify domain is null or row_number() over (
    partition by domain
    order by draw, link_id
) <= $max_per_domain
order by row
