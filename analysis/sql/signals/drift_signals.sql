-- Every link of a domain that was looked at is parked, or answers with one body: it changed hands.
with looked as (
    select
        link.registered_domain,
        link.link_id,
        verdict.verdict = 'soft_dead' and verdict.reason in ('parked', 'one_body_many_links', 'canary_body') as is_other
    from verdicts as verdict
    inner join links as link on link.link_id = verdict.link_id
    where verdict.looks > 0 and link.registered_domain is not null and verdict.verdict in ('alive', 'changed', 'soft_dead')
),
changed as (
    select registered_domain
    from looked
    group by registered_domain
    having bool_and(is_other) and count(*) >= 2
)
select
    link_id,
    'drift' as kind,
    false as is_calmed,
    'all links of the domain are parked or answer with one body' as evidence
from looked
where registered_domain in (select registered_domain from changed)
