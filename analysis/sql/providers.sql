with told as (
    select
        host,
        ip,
        arg_min(struct_pack(name := name, kind := kind, because := because), (rank, name, because)) as sign
    from provider_signs
    group by host, ip
),
the_table as (
    select max(as_of) as as_of
    from segments.networks
)
select
    address.host,
    address.registered_domain,
    address.ip,
    network.asn,
    network.organisation,
    network.network,
    coalesce(told.sign.kind, 'network') as kind,
    coalesce(told.sign.name, network.organisation) as name,
    case
        when told.sign is not null then told.sign.because
        when network.asn is null then 'in no range of the table of networks'
        else 'announced by AS' || network.asn
    end as because,
    the_table.as_of
from addresses as address
left join address_networks as network on network.ip = address.ip
left join told on told.host = address.host and told.ip = address.ip
cross join the_table
