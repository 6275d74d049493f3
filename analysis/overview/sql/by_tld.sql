select
    '.' || regexp_extract(link.host, '[^.]*$') as name,
    verdict.verdict as part,
    sum(link.weight) as amount
from links as link
inner join verdicts as verdict on verdict.link_id = link.link_id
where regexp_matches(link.host, '[.](?:[a-z]+|xn--[a-z0-9-]+)$')
group by name, part
