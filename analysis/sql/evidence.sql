-- What is known of a served look beside its body: what its host says to nonsense, what its domain
-- repeats, where it was sent. Facts only; soft_signs.sql says which of them speak against it. Most
-- looks have nothing of all this, and are left out before anything is joined to them.
with repeated as materialized (
    select * from repeated_bodies
),
welcoming as materialized (
    select * from canaries where says = 'welcome'
),
in_question as (
    select *
    from served
    where
        kind <> 'picture'
        or was_redirected
        or asked_host in (select host from welcoming)
        or sha256 in (select sha256 from repeated)
),
compared as (
    select
        look.*,
        coalesce(canary.says, 'nothing') as canary_says,
        look.sha256 = canary.sha256 and look.body_bytes > 0 as has_canary_body,
        look.was_redirected and canary.was_redirected and look.final_url = canary.final_url as has_canary_end,
        look.media_type = canary.media_type as has_canary_type,
        abs(look.body_bytes::bigint - canary.body_bytes::bigint) as canary_bytes_apart,
        canary.body_bytes as canary_bytes,
        alike.alike_names,
        alike.pictures as host_pictures,
        repeated.names as body_names,
        repeated.promised_sizes as body_sizes
    from in_question as look
    left join canaries as canary on canary.host = look.asked_host and canary.round = look.round
    left join alike_canaries as alike on alike.host = look.asked_host and alike.round = look.round
    left join repeated
        on
            look.kind = 'picture'
            and repeated.registered_domain = look.registered_domain
            and repeated.round = look.round
            and repeated.sha256 = look.sha256
)
select
    link_id,
    round,
    kind,
    canary_says,
    coalesce(canary_says = 'welcome' and has_canary_body, false) as is_canary_body,
    coalesce(canary_says = 'welcome' and has_canary_end, false) as is_canary_end,
    coalesce(
        canary_says = 'welcome' and kind = 'page' and has_canary_type
        and canary_bytes_apart <= greatest(512, canary_bytes / 10),
        false
    ) as is_canary_page,
    -- Two real pictures of a size are chance; many are not.
    coalesce(
        canary_says = 'welcome' and kind = 'picture' and has_canary_type
        and canary_bytes_apart <= 64 + canary_bytes / 200
        and alike_names >= 2 and alike_names * 10 >= host_pictures,
        false
    ) as is_canary_size,
    body_names,
    body_sizes,
    was_redirected,
    case when was_redirected then host end as end_host,
    case
        when was_redirected and asked_host <> registered_domain and not ends_with(asked_host, '.' || registered_domain)
            then registered_domain
    end as end_domain,
    case when was_redirected then lower(regexp_extract(final_url, '^https?://[^/]+([^?#]*)', 1)) end as end_path,
    case when was_redirected then contains(final_url, '?') end as end_has_query,
    case when was_redirected then lower(regexp_extract(url, '^https?://[^/]+([^?#]*)', 1)) end as asked_path
from compared
