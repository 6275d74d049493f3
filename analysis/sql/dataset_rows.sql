select
    source,
    source_row,
    link_id
from segments.dataset_rows
