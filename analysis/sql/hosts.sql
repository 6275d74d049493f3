-- A host has a segment row per visit; what was learned last wins, what was counted adds up.
with visits as (
    select *, struct_pack(ended_at := coalesce(last_at, first_at, 'epoch'::timestamptz), visit_id := visit_id) as position
    from segments.hosts
)
select
    host,
    any_value(registered_domain) as registered_domain,
    round,
    list_sort(list_distinct(flatten(list(coalesce(ips, []))))) as ips,
    arg_max(robots, position) as robots,
    arg_max(crawl_delay_s, position) as crawl_delay_s,
    arg_max(canary_outcome, position) as canary_outcome,
    lower(hex(arg_max(canary_sha256, position))) as canary_sha256,
    sum(requests)::ubigint as requests,
    min(first_at) as first_at,
    max(last_at) as last_at,
    arg_max(delay_s, position) as delay_s,
    max(blocked_until) as blocked_until,
    count(*)::ubigint as visits
from visits
group by host, round
