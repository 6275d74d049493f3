-- The rows that verdicts rest on. What a body shows is judged by the body, never by a header.
with promises as (
    select link_id, expected_sha256, expected_md5
    from links
    where expected_sha256 is not null or expected_md5 is not null
),
final_looks as not materialized (
    select
        observation.link_id,
        observation.round,
        observation.observed_at,
        observation.outcome,
        observation.status,
        classes.class,
        -- True, false, or null where there is nothing to compare.
        coalesce(
            observation.sha256 = promises.expected_sha256, observation.md5 = promises.expected_md5
        ) as digest_same,
        observation.media_type is not distinct from 'text/html' as is_html
    from observations as observation
    inner join outcome_classes as classes on classes.outcome = observation.outcome
    left join promises on promises.link_id = observation.link_id
    where observation.final and not observation.suspect
),
by_themselves as not materialized (
    select
        link_id,
        round,
        observed_at,
        outcome,
        status,
        case
            when outcome = 'not_modified' then null
            when class <> 'served' then class
            when digest_same then 'alive'
            when is_html then 'soft_dead'
            when digest_same = false then 'changed'
            else 'alive'
        end as shows,
        case
            when class <> 'served' or outcome = 'not_modified' then outcome
            when digest_same then 'digest_as_promised'
            when is_html then 'html_not_picture'
            when digest_same = false then 'digest_differs'
            else outcome
        end as reason
    from final_looks
),
-- A 304 vouches for the body of the look before it that had one.
vouched as (
    select
        unmodified.link_id,
        unmodified.round,
        arg_max(earlier.shows, earlier.round) as shows
    from by_themselves as unmodified
    inner join by_themselves as earlier
        on earlier.link_id = unmodified.link_id and earlier.round < unmodified.round
    where
        unmodified.outcome = 'not_modified'
        and earlier.shows in ('alive', 'changed', 'soft_dead')
    group by unmodified.link_id, unmodified.round
)
select
    look.link_id,
    look.round,
    look.observed_at,
    look.outcome,
    look.status,
    coalesce(look.shows, vouched.shows, 'alive') as shows,
    look.reason
from by_themselves as look
left join vouched on vouched.link_id = look.link_id and vouched.round = look.round
