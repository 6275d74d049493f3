-- The rows that verdicts rest on. What a body shows is judged by the body, never by a header.
with promises as (
    select link_id, expected_sha256, expected_md5
    from links
    where expected_sha256 is not null or expected_md5 is not null
),
-- A look with several signs is named after the most telling one.
signs as (
    select
        soft_sign.link_id,
        soft_sign.round,
        arg_min(soft_sign.sign, meaning.rank) as sign
    from soft_signs as soft_sign
    inner join soft_sign_meanings as meaning on meaning.sign = soft_sign.sign
    group by soft_sign.link_id, soft_sign.round
),
by_themselves as not materialized (
    select
        observation.link_id,
        observation.round,
        observation.observed_at,
        observation.outcome,
        observation.status,
        -- True, false, or null where there is nothing to compare.
        coalesce(
            observation.sha256 = promises.expected_sha256, observation.md5 = promises.expected_md5
        ) as digest_same,
        case
            -- A host that says 304 to nonsense vouches for nothing.
            when parrot.host is not null then 'transient'
            when observation.outcome = 'not_modified' then null
            when classes.class <> 'served' then classes.class
            when digest_same then 'alive'
            when signs.sign is not null then 'soft_dead'
            when digest_same = false then 'changed'
            else 'alive'
        end as shows,
        case
            when parrot.host is not null then 'canary_not_modified'
            when classes.class <> 'served' or observation.outcome = 'not_modified' then observation.outcome
            when digest_same then 'digest_as_promised'
            when signs.sign is not null then signs.sign
            when digest_same = false then 'digest_differs'
            else observation.outcome
        end as reason
    from observations as observation
    inner join outcome_classes as classes on classes.outcome = observation.outcome
    left join promises on promises.link_id = observation.link_id
    left join hosts as parrot
        on parrot.canary_outcome = observation.outcome and parrot.host = observation.host and parrot.round = observation.round
        and observation.outcome = 'not_modified'
    left join signs on signs.link_id = observation.link_id and signs.round = observation.round
    where observation.final and not observation.suspect
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
    -- Where no body was seen before, a 304 says nothing: nobody had asked for what changed.
    coalesce(look.shows, vouched.shows, 'transient') as shows,
    look.reason
from by_themselves as look
left join vouched on vouched.link_id = look.link_id and vouched.round = look.round
