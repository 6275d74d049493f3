-- What `stillup match` found, with where it stands by now.
with matched as (
    select distinct link_id
    from segments.matches
),
-- Only looks that tell: of a round its final one, and any that had the body.
telling as (
    select
        look.link_id,
        look.round,
        look.attempt,
        look.observed_at,
        look.outcome,
        look.sha256 is not null or look.pdq is not null as had_body,
        -- Of a host that says 304 to nonsense as well it vouches for nothing.
        look.outcome = 'not_modified' and parrot.host is null as vouches,
        row_number() over (
            partition by look.link_id order by look.round desc, look.attempt desc
        ) as looks_back
    from observations as look
    inner join matched on matched.link_id = look.link_id
    left join hosts as parrot
        on parrot.host = look.host and parrot.round = look.round and parrot.canary_outcome = 'not_modified'
    where (look.final and not look.suspect) or look.sha256 is not null or look.pdq is not null
),
last_looks as (
    select
        link_id,
        max(observed_at) filter (where looks_back = 1) as last_look_at,
        max(outcome) filter (where looks_back = 1) as last_outcome,
        bool_or(vouches) filter (where looks_back = 1) as vouches,
        -- A 304 vouches for the body that was seen before it.
        min(looks_back) filter (where had_body) as body_looks_back
    from telling
    group by link_id
)
select
    found.list,
    found.category,
    found.kind,
    found.entry_hash,
    found.distance,
    found.quality,
    found.link_id,
    link.url,
    link.host,
    link.registered_domain,
    case
        when found.source = 'promised' then 'promised'
        when look.looks_back = 1 then 'served_now'
        when last_look.vouches and look.looks_back = last_look.body_looks_back then 'served_now'
        else 'served_before'
    end as place,
    found.round,
    found.attempt,
    look.observed_at,
    last_look.last_outcome,
    last_look.last_look_at,
    found.list_digest
from segments.matches as found
inner join links as link on link.link_id = found.link_id
left join telling as look
    on look.link_id = found.link_id and look.round = found.round and look.attempt = found.attempt
left join last_looks as last_look on last_look.link_id = found.link_id
