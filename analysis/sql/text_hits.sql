select
    link_id,
    category,
    field,
    term,
    language,
    position,
    length,
    hits
from segments.signals
