-- A reminder is no new case: what it names is followed since the report that it reminds of. 451 is a
-- refusal by law, so it tells that a link was taken down; every other refusal tells nothing.
select
    report.report_number,
    named.link_id,
    look.round,
    look.observed_at,
    look.observed_at > report.written_at as is_after,
    look.shows in ('alive', 'changed') as is_up,
    look.shows in ('alive', 'changed', 'dead', 'soft_dead') or coalesce(look.status = 451, false) as is_told,
    observation.host,
    observation.ip
from reports as report
inner join reported_links as named on named.report_number = report.report_number
inner join looks as look on look.link_id = named.link_id
inner join observations as observation
    on observation.link_id = look.link_id and observation.round = look.round and observation.final
where report.reminder_of is null
