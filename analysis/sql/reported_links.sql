select
    action.report_number,
    unnest(action.link_ids) as link_id
from segments.actions as action
inner join reports as report
    on report.report_number = action.report_number
    and report.written_at = action.acted_at
    and report.sha256 = action.sha256
where action.kind = 'report'
