-- A host has a segment row per visit; what was learned last wins, what was counted adds up.
with visits as (
    select
        *,
        struct_pack(ended_at := coalesce(last_at, first_at, 'epoch'::timestamptz), visit_id := visit_id) as position,
        struct_pack(
            outcome := canary_outcome,
            status := canary_status,
            url := canary_url,
            final_url := canary_final_url,
            media_type := canary_media_type,
            body_bytes := canary_body_bytes,
            sha256 := canary_sha256
        ) as canary
    from segments.hosts
),
by_host as (
    select
        host,
        any_value(registered_domain) as registered_domain,
        round,
        list_sort(list_distinct(flatten(list(coalesce(ips, []))))) as ips,
        arg_max(robots, position) as robots,
        arg_max(crawl_delay_s, position) as crawl_delay_s,
        -- Columns of one answer belong together, and an answer says more than none.
        arg_max(canary, struct_pack(was_answered := canary_status is not null, position := position))
            filter (where canary_outcome is not null) as canary,
        sum(requests)::ubigint as requests,
        min(first_at) as first_at,
        max(last_at) as last_at,
        arg_max(delay_s, position) as delay_s,
        max(blocked_until) as blocked_until,
        count(*)::ubigint as visits
    from visits
    group by host, round
)
select
    host,
    registered_domain,
    round,
    ips,
    robots,
    crawl_delay_s,
    canary.outcome as canary_outcome,
    canary.status as canary_status,
    canary.url as canary_url,
    canary.final_url as canary_final_url,
    canary.media_type as canary_media_type,
    canary.body_bytes as canary_body_bytes,
    lower(hex(canary.sha256)) as canary_sha256,
    requests,
    first_at,
    last_at,
    delay_s,
    blocked_until,
    visits
from by_host
