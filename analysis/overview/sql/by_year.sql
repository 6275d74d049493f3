select
    regexp_extract(link.wire_url, '/((?:199|20[0-3])[0-9])/', 1) as name,
    verdict.verdict as part,
    sum(link.weight) as amount
from links as link
inner join verdicts as verdict on verdict.link_id = link.link_id
where regexp_matches(link.wire_url, '/(?:199|20[0-3])[0-9]/')
group by name, part
