select
    key,
    value
from segments.meta
