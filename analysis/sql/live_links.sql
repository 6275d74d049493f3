-- Of a live link, the last look that had an answer with a body tells what is served; a 304 vouches for it.
with up as (
    select
        look.link_id,
        look.round,
        look.observed_at
    from looks as look
    inner join verdicts as verdict on verdict.link_id = look.link_id
    where verdict.verdict in ('alive', 'changed') and look.shows in ('alive', 'changed')
),
spans as (
    select
        link_id,
        min(observed_at) as first_seen_at,
        max(observed_at) as last_seen_at,
        max(round) as last_round
    from up
    group by link_id
),
answers as (
    select seen.*
    from observations as seen
    inner join up on up.link_id = seen.link_id and up.round = seen.round
    where seen.final and not seen.suspect
    qualify row_number() over (
        partition by seen.link_id order by seen.outcome = 'not_modified', seen.round desc, seen.attempt desc
    ) = 1
)
select
    link.link_id,
    link.wire_url as url,
    link.host,
    link.registered_domain,
    coalesce(answer.final_url, link.wire_url) as served_url,
    coalesce(answer.host, link.host) as served_by,
    answer.ip,
    answer.status,
    answer.content_type,
    answer.media_type,
    coalesce(answer.body_bytes, answer.declared_bytes) as body_bytes,
    answer.sha256,
    spans.first_seen_at,
    spans.last_seen_at,
    spans.last_round
from spans
inner join links as link on link.link_id = spans.link_id
left join answers as answer on answer.link_id = spans.link_id
