-- Hosts that answer nonsense with a picture which is never the same to the byte (a time stamp in it,
-- a number drawn on it): how many of their links are answered with a picture of that type and size, each held
-- against the canary of its round, all rounds together.
with pictured as (
    select
        host,
        round,
        media_type,
        body_bytes
    from canaries
    where says = 'welcome' and media_type like 'image/%' and sha256 is not null
),
compared as (
    select
        served.link_id,
        served.asked_host as host,
        served.round,
        parse_filename(split_part(served.url, '?', 1)) as name,
        served.media_type = pictured.media_type
        and abs(served.body_bytes::bigint - pictured.body_bytes::bigint)
        <= 64 + pictured.body_bytes / 200 as is_alike
    from served
    inner join pictured on pictured.host = served.asked_host and pictured.round = served.round
    where served.kind = 'picture'
)
select
    host,
    unnest(list(distinct round)) as round,
    count(distinct link_id)::ubigint as pictures,
    count(distinct name) filter (where is_alike)::ubigint as alike_names
from compared
group by host
