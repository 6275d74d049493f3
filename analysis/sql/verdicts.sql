-- A pure function of links and looks: no clock. Only an alive or changed look resets a death.
with by_link as (
    select
        link_id,
        count(*) as looks,
        min(observed_at) as first_look_at,
        max(observed_at) as last_look_at,
        max(round) as last_round,
        arg_max(outcome, round) as last_outcome,
        arg_max_null(status, round) as last_status,
        arg_max(shows, round) as last_shows,
        arg_max(reason, round) as last_reason,
        arg_max(shows, round) filter (where shows not in ('transient', 'unasked')) as last_told,
        max(round) filter (where shows in ('alive', 'changed')) as last_up_round,
        max(observed_at) filter (where shows in ('alive', 'changed')) as last_up_at,
        list(struct_pack(round := round, observed_at := observed_at)) filter (where shows = 'dead') as deaths,
        arg_max(reason, round) filter (where shows = 'dead') as dead_reason
    from looks
    group by link_id
),
with_streak as (
    select
        *,
        list_filter(deaths, lambda death: death.round > coalesce(last_up_round, -1)) as streak
    from by_link
),
measured as (
    select
        *,
        coalesce(len(streak), 0) as dead_looks,
        list_min(list_transform(streak, lambda death: death.observed_at)) as dead_since,
        list_max(list_transform(streak, lambda death: death.observed_at)) as dead_until
    from with_streak
),
doubts as (
    select link_id, count(*) as suspect_looks
    from observations
    where final and suspect
    group by link_id
),
judged as (
    select
        *,
        case
            when looks is null then 'unknown'
            when dead_looks >= 3 and dead_until - dead_since >= interval 9 days then 'dead'
            when last_shows in ('alive', 'changed', 'soft_dead', 'blocked') then last_shows
            when last_shows in ('dead', 'transient') and last_told = 'dead' then 'dying'
            else 'unknown'
        end as verdict
    from links
    left join measured using (link_id)
    left join doubts using (link_id)
)
select
    link_id,
    verdict,
    case
        when verdict in ('dead', 'dying') then dead_reason
        when looks is not null then last_reason
        when invalid_reason is not null then 'url_invalid'
        when suspect_looks > 0 then 'only_suspect_looks'
        else 'not_looked_yet'
    end as reason,
    coalesce(looks, 0)::uinteger as looks,
    coalesce(suspect_looks, 0)::uinteger as suspect_looks,
    first_look_at,
    last_look_at,
    last_round,
    last_outcome,
    last_status,
    last_up_at,
    coalesce(dead_looks, 0)::uinteger as dead_looks,
    dead_since
from judged
