select
    told_by,
    domain,
    host,
    range,
    first,
    last,
    asn,
    server,
    name,
    kind,
    source
from segments.provider_rules
