-- A number is written down once; were it twice, the first is the report.
select
    report_number,
    acted_at as written_at,
    round,
    level,
    place,
    ground,
    language,
    reporter,
    sent_to,
    len(link_ids)::uinteger as links,
    sha256,
    reminder_of
from segments.actions
where kind = 'report'
qualify row_number() over (partition by report_number order by acted_at, sha256) = 1
