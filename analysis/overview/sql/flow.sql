select
    coalesce(verdict.last_outcome, 'not looked yet') as name,
    verdict.verdict as part,
    sum(link.weight) as amount
from verdicts as verdict
inner join links as link on link.link_id = verdict.link_id
group by name, part
