-- When a link asks for another look, and why. The rules are told in docs/guide/recheck.md.
with last_looks as (
    select
        link_id,
        max(observed_at) as last_at,
        arg_max(suspect, round) as is_suspect
    from observations
    where final
    group by link_id
),
-- Looks in a row, up to the last, that told nothing which lasts.
quiet as (
    select
        look.link_id,
        count(*) filter (where look.round > coalesce(told.round, 0)) as looks
    from looks as look
    left join (
        select link_id, max(round) as round
        from looks
        where shows not in ('transient', 'unasked') and outcome not in ('rate_limited', 'robots_unreachable')
        group by link_id
    ) as told on told.link_id = look.link_id
    group by look.link_id
),
by_verdict as (
    select
        verdict.*,
        case
            when verdict.reason = 'url_invalid' or verdict.last_outcome = 'url_invalid' then null
            when look.is_suspect then 'suspect'
            when verdict.verdict in ('dying', 'unknown', 'blocked') then verdict.verdict
            when verdict.verdict in ('alive', 'changed', 'soft_dead') then 'alive'
        end as why,
        case
            when why = 'suspect' then look.last_at
            when why = 'dying' then greatest(
                verdict.last_look_at + interval 1 day, verdict.dead_since + to_days(if(verdict.dead_looks < 2, 3, 9))
            )
            when why = 'alive' then verdict.last_look_at + interval 30 days
            when why in ('unknown', 'blocked') then verdict.last_look_at + to_days(case
                when verdict.last_outcome in ('denied', 'robots_denied') then 30
                else least(30, 2 ** least(greatest(quiet.looks, 1) - 1, 5))::integer
            end)
        end as verdict_due_at
    from verdicts as verdict
    inner join last_looks as look on look.link_id = verdict.link_id
    left join quiet on quiet.link_id = verdict.link_id
),
due as (
    select
        told.*,
        reported.link_id is not null as is_reported,
        reported.due_at is not null and (told.why is null or told.why = 'alive' or reported.due_at <= told.verdict_due_at)
            as by_report,
        if(by_report, reported.due_at, told.verdict_due_at) as due_at
    from by_verdict as told
    left join report_looks as reported on reported.link_id = told.link_id
)
select
    due.link_id,
    link.shard,
    link.host,
    if(due.by_report, 'reported', due.why) as reason,
    due.due_at,
    due.verdict,
    due.last_look_at,
    -- A fixed draw, another than a plan's sample: a smaller share is a part of a larger one.
    md5_number_lower('recheck ' || due.link_id) / 18446744073709551616.0 as draw,
    -- What was reported is told of byte for byte, which a weak validator cannot vouch for.
    if(validator.is_strong or not due.is_reported, validator.etag, null) as if_none_match,
    if(validator.is_strong or not due.is_reported, validator.last_modified, null) as if_modified_since,
    if(if_none_match is not null or if_modified_since is not null, validator.url, null) as conditions_url
from due
inner join links as link on link.link_id = due.link_id
left join validators as validator on validator.link_id = due.link_id
where due.due_at is not null
