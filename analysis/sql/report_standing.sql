-- Whether a place can be reported or reminded of, in the run's round, and if not, why.
with this_round as (
    select coalesce(max(try_cast(value as integer)) filter (where key = 'round'), 1) as round
    from meta
),
places as (
    select level, place
    from findings
    where not is_shared
    union distinct
    select level, place
    from reviews
),
live as (
    select
        link.level,
        link.place,
        count(*) as live_links,
        count_if(told.link_id is null) as new_links,
        count_if(verdict.last_round > told.round) as still_live_links
    from reportable_links as link
    inner join verdicts as verdict on verdict.link_id = link.link_id
    left join told_links as told
        on told.link_id = link.link_id and told.level = link.level and told.place = link.place
    group by link.level, link.place
),
looked as (
    select
        told.level,
        told.place,
        count_if(verdict.last_round > told.round) as links_looked_at
    from told_links as told
    inner join verdicts as verdict on verdict.link_id = told.link_id
    group by told.level, told.place
),
written as (
    select
        report.level,
        report.place,
        arg_min(report.report_number, report.written_at) filter (where report.reminder_of is null) as first_report,
        max(report.report_number) filter (where report.reminder_of is null and report.round = this_round.round) as report_now,
        max(report.report_number) filter (where report.reminder_of is not null and report.round = this_round.round) as reminder_now
    from reports as report
    cross join this_round
    group by report.level, report.place
)
select
    places.level,
    places.place,
    coalesce(live.live_links, 0)::ubigint as live_links,
    coalesce(live.new_links, 0)::ubigint as new_links,
    coalesce(live.still_live_links, 0)::ubigint as still_live_links,
    review.reviewed_at,
    written.first_report,
    written.report_now,
    written.reminder_now,
    case
        when review.decision is null then 'not_reviewed'
        when review.decision = 'dismiss' then 'dismissed'
        when written.report_now is not null then 'reported'
        when live.live_links is null then 'not_live'
        when live.new_links = 0 then 'known'
        else 'due'
    end as report_standing,
    case
        when review.decision is distinct from 'confirm' or written.first_report is null then 'not_reported'
        when written.reminder_now is not null then 'reminded'
        when coalesce(looked.links_looked_at, 0) = 0 then 'not_looked_at'
        when coalesce(live.still_live_links, 0) = 0 then 'gone'
        else 'due'
    end as reminder_standing
from places
left join reviews as review
    on review.level = places.level and review.place = places.place and review.counts
left join live on live.level = places.level and live.place = places.place
left join looked on looked.level = places.level and looked.place = places.place
left join written on written.level = places.level and written.place = places.place
