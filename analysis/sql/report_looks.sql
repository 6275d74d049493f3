-- A look serves every date before it, so who comes late looks once.
select
    named.link_id,
    min(report.written_at + to_days(milestone.day)) filter (
        where verdict.last_look_at is null or report.written_at + to_days(milestone.day) > verdict.last_look_at
    ) as due_at
from reported_links as named
inner join reports as report on report.report_number = named.report_number
inner join verdicts as verdict on verdict.link_id = named.link_id
cross join (values (1), (3), (7), (14), (30)) as milestone (day)
group by named.link_id
