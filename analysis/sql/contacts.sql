-- The last look at a place counts as a whole: who has moved has other contacts.
with last_looks as (
    select *
    from segments.contacts
    qualify looked_at = max(looked_at) over (partition by registered_domain, host)
)
select
    registered_domain,
    host,
    rank,
    scope,
    subject,
    address,
    source,
    source_url,
    seen_at
from last_looks
where address is not null
