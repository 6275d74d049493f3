select
    link.registered_domain,
    count(*)::ubigint as links,
    sum(link.row_count)::ubigint as rows,
    sum(link.weight)::double as weighted_links,
    count_if(verdict.verdict in ('alive', 'changed'))::ubigint as up,
    count_if(verdict.verdict in ('soft_dead', 'dying', 'dead'))::ubigint as down,
    count_if(verdict.verdict = 'blocked')::ubigint as blocked,
    count_if(verdict.verdict = 'unknown')::ubigint as unknown
from verdicts as verdict
inner join links as link on link.link_id = verdict.link_id
where link.registered_domain is not null
group by link.registered_domain
