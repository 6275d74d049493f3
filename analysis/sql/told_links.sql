select
    link.link_id,
    report.level,
    report.place,
    min(report.round) as round
from reported_links as link
inner join reports as report on report.report_number = link.report_number
where report.reminder_of is null
group by link.link_id, report.level, report.place
