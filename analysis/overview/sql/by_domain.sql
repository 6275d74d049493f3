select
    link.registered_domain as name,
    verdict.verdict as part,
    sum(link.weight) as amount
from links as link
inner join verdicts as verdict on verdict.link_id = link.link_id
where link.registered_domain is not null
group by name, part
