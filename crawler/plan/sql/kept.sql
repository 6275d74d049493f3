-- Grain: one row per link of the run. Key: link_id.
-- At most $max_per_domain links of a registered domain, those with the lowest draws; invalid
-- links belong to no domain and are all kept. weight: links of the dataset that one stands for.
create table kept as
with capped as (
    select candidates.*, host_domains.registered_domain
    from candidates
    left join host_domains on host_domains.host = candidates.host
    qualify $max_per_domain is null or host_domains.registered_domain is null
        or row_number() over (
            partition by host_domains.registered_domain order by candidates.draw, candidates.link_id
        ) <= $max_per_domain
),

sizes as (
    select host_domains.registered_domain, count(*) as links
    from candidates
    join host_domains on host_domains.host = candidates.host
    group by host_domains.registered_domain
)

select
    capped.*,
    coalesce(sizes.links / least(sizes.links, coalesce($max_per_domain, sizes.links)), 1)
        / $sample as weight
from capped
left join sizes on sizes.registered_domain = capped.registered_domain
