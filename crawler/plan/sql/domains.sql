-- Grain: one row per registered domain of the run. Key: registered_domain.
-- weight: links of the dataset that one link of the domain stands for.
create table domains as
select hosts.registered_domain, sum(hosts.links)::ubigint as links,
    count(*)::ubigint as hosts, sum(hosts.origins)::ubigint as origins,
    any_value(sizes.links) / least(any_value(sizes.links), coalesce($max_per_domain, any_value(sizes.links)))
        / $sample as weight
from hosts
join sizes on sizes.registered_domain = hosts.registered_domain
group by hosts.registered_domain
