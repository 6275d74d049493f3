with networks as (
    select
        host,
        ip,
        any_value(coalesce(name, organisation, 'unknown')) as name
    from providers
    where ip is not null
    group by host, ip
)
select
    coalesce(networks.name, 'unknown') as name,
    if(reportable.link_id is null, 'nothing against it', 'something speaks against it') as part,
    count(*)::double as amount
from live_links as live
left join networks on networks.host = live.served_by and networks.ip = live.ip
left join (select distinct link_id from reportable_links) as reportable
    on reportable.link_id = live.link_id
group by all
