-- Every link under its registered domain and, on a host that many share, under its tenant as well.
with placed as (
    select
        link_id,
        'domain' as level,
        registered_domain as place
    from links
    where registered_domain is not null
    union all
    select
        link_id,
        'tenant' as level,
        tenant as place
    from tenants
)
select
    placed.level,
    placed.place,
    placed.link_id,
    verdict.verdict in ('alive', 'changed') as is_live,
    verdict.verdict not in ('soft_dead', 'dying', 'dead') as is_open
from placed
inner join verdicts as verdict on verdict.link_id = placed.link_id
