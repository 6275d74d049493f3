-- Looks that were served: what the signs of a soft death are read off. The host that was asked is
-- read off the URL, as observations has the one that answered; joining links costs four times as much.
select
    link_id,
    round,
    url,
    final_url,
    coalesce(len(hops), 0) > 0 as was_redirected,
    case
        when len(hops) > 0
            then trim(regexp_extract(url, '^[a-z]+://([[][^]]*|[^/:?#]*)', 1), '[')
        else host
    end as asked_host,
    host,
    registered_domain,
    case
        when media_type = 'text/html' then 'page'
        when media_type in ('text/plain', 'application/json') then 'text'
        when media_type is not null then 'picture'
        when body_bytes = 0 then 'empty'
        else 'unread'
    end as kind,
    media_type,
    body_bytes,
    sha256
from observations
where final and not suspect and outcome = 'ok'
