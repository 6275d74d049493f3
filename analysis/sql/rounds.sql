-- A recheck that was killed may have left plans of the round after this one; that round is none yet.
with this_round as (
    select coalesce(max(try_cast(value as usmallint)), 1) as round
    from meta
    where key = 'round'
)
select
    planned.link_id,
    planned.round,
    planned.shard,
    planned.reason,
    planned.due_at,
    planned.if_none_match,
    planned.if_modified_since,
    planned.conditions_url
from segments.rounds as planned
inner join this_round on planned.round <= this_round.round
