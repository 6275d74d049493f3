-- What a server may be asked after instead of being asked for all of it: only what it said of a body
-- that we know, and that has stood since. A date before the web, or after the look, tells nothing.
with bodies as (
    select
        link_id,
        max(round) as round,
        arg_max(final_url, round) as url,
        arg_max(observed_at, round) as observed_at,
        arg_max_null(etag, round) as etag,
        arg_max_null(last_modified, round) as last_modified
    from observations
    where final and not suspect and outcome = 'ok' and sha256 is not null
    group by link_id
),
standing as (
    select
        body.*,
        try_strptime(body.last_modified, '%a, %d %b %Y %H:%M:%S GMT') as modified_at
    from bodies as body
    inner join verdicts as verdict on verdict.link_id = body.link_id
    where
        verdict.verdict in ('alive', 'changed')
        and (verdict.last_outcome = 'not_modified' or (verdict.last_outcome = 'ok' and verdict.last_round = body.round))
),
judged as (
    select
        link_id,
        url,
        -- An entity tag (RFC 9110, 8.8.3) in printable ASCII; `*` would ask for another thing.
        if(regexp_full_match(etag, '(W/)?"[\x21\x23-\x7e]{1,200}"'), etag, null) as etag,
        if(
            regexp_full_match(last_modified, '[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT')
            and modified_at between timestamp '1990-01-01' and make_timestamp(epoch_us(observed_at)),
            last_modified,
            null
        ) as last_modified
    from standing
)
select
    link_id,
    url,
    etag,
    last_modified,
    coalesce(etag not like 'W/%', false) as is_strong
from judged
where etag is not null or last_modified is not null
