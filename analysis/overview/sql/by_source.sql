select
    regexp_extract(source_rows.source, '[^/\\]*$') as name,
    verdict.verdict as part,
    sum(link.weight) as amount
from dataset_rows as source_rows
inner join links as link on link.link_id = source_rows.link_id
inner join verdicts as verdict on verdict.link_id = source_rows.link_id
group by name, part
