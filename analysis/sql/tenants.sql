select
    link_id,
    tenant,
    is_storage
from segments.tenants
