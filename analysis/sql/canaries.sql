-- What a host's answer to nonsense is good for. Only a success can be likened to, and only an
-- honest "no such thing" vouches for the host; a refusal or a failure says nothing.
select
    host,
    round,
    case
        when canary_outcome = 'ok' then 'welcome'
        when canary_outcome in ('gone', 'client_error') then 'no_such_thing'
        else 'nothing'
    end as says,
    canary_final_url as final_url,
    coalesce(canary_final_url <> canary_url, false) as was_redirected,
    canary_media_type as media_type,
    canary_body_bytes as body_bytes,
    canary_sha256 as sha256
from hosts
where canary_outcome is not null
