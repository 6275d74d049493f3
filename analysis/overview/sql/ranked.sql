select
    standing.place as name,
    replace(standing.report_standing, '_', ' ') as part,
    finding.score as amount
from report_standing as standing
inner join findings as finding on finding.level = standing.level and finding.place = standing.place
where not finding.is_shared
