-- Every sign that an address of a host gives of a product. Which one counts is for `providers` to say:
-- a name says whose service it is, an address who answers, a header only what it likes to.
with addressed as (
    select
        address.host,
        address.registered_domain,
        address.ip,
        address.address,
        address.servers,
        network.asn
    from addresses as address
    left join address_networks as network on network.ip = address.ip
)
select
    addressed.host,
    addressed.ip,
    1 as rank,
    rule.name,
    rule.kind,
    'host name below ' || rule.domain || ': ' || rule.source as because
from addressed
inner join provider_rules as rule on rule.domain = addressed.registered_domain
where rule.told_by = 'host' and regexp_full_match(addressed.host, coalesce(rule.host, '.*'))
union all
select
    addressed.host,
    addressed.ip,
    2 as rank,
    rule.name,
    rule.kind,
    'published range ' || rule.range || ': ' || rule.source as because
from addressed
inner join provider_rules as rule on addressed.address between rule.first and rule.last
where rule.told_by = 'range'
union all
select
    addressed.host,
    addressed.ip,
    3 as rank,
    rule.name,
    rule.kind,
    'announced by AS' || rule.asn || ': ' || rule.source as because
from addressed
inner join provider_rules as rule on rule.asn = addressed.asn
where rule.told_by = 'network'
union all
select
    addressed.host,
    addressed.ip,
    4 as rank,
    rule.name,
    rule.kind,
    'response header server: ' || rule.server || ': ' || rule.source as because
from addressed
inner join provider_rules as rule
    on len(list_filter(addressed.servers, lambda one: starts_with(one, rule.server))) > 0
where rule.told_by = 'server'
