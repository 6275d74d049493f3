-- Where the live links of a domain or tenant are served from, as of each link's last look.
with last_looks as (
    select
        link_id,
        host,
        ip
    from observations
    where final and not suspect and host is not null
    qualify row_number() over (partition by link_id order by round desc, attempt desc) = 1
)
select
    placed.level,
    placed.place,
    link.registered_domain,
    look.host,
    look.ip,
    count(*)::ubigint as links
from placed_links as placed
inner join links as link on link.link_id = placed.link_id
inner join last_looks as look on look.link_id = placed.link_id
where placed.is_live
group by placed.level, placed.place, link.registered_domain, look.host, look.ip
