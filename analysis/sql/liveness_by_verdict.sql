select
    verdict.verdict,
    link.invalid_reason is not null as is_invalid,
    count(*)::ubigint as links,
    sum(link.row_count)::ubigint as rows,
    sum(link.weight)::double as weighted_links,
    sum(link.weight * link.row_count)::double as weighted_rows
from verdicts as verdict
inner join links as link on link.link_id = verdict.link_id
group by verdict.verdict, link.invalid_reason is not null
