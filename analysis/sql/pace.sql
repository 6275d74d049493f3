-- The five minutes before the last observation, whenever that was.
with latest as (
    select max(observed_at) as last_at
    from observations
)
select
    any_value(latest.last_at) as last_at,
    count(*)::ubigint as links,
    epoch(max(observation.observed_at) - min(observation.observed_at)) as span_s
from observations as observation
cross join latest
where observation.final and observation.observed_at > latest.last_at - interval 5 minutes
