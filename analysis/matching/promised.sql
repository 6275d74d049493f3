-- One row per entry and link of which the dataset promised that hash. Nobody is asked for it.
with hits as (
    select
        entry.label,
        entry.kind,
        entry.digest,
        link.link_id,
        0::usmallint as distance
    from segments.links as link
    inner join entries as entry
        on lower(hex(entry.digest)) = lower(link.expected_sha256) and entry.kind = 'sha256'
    union all
    select
        entry.label,
        entry.kind,
        entry.digest,
        link.link_id,
        0::usmallint
    from segments.links as link
    inner join entries as entry
        on lower(hex(entry.digest)) = lower(link.expected_md5) and entry.kind = 'md5'
    union all
    select
        entry.label,
        entry.kind,
        entry.digest,
        link.link_id,
        near.distance
    from segments.links as link
    inner join near_promised as near on near.promised = lower(link.expected_phash)
    inner join entries as entry on entry.digest = near.digest and entry.kind = 'pdq'
)
select
    label.list_digest,
    label.list,
    label.category,
    hit.kind,
    lower(hex(hit.digest)) as entry_hash,
    'promised' as source,
    hit.link_id,
    null::usmallint as round,
    null::usmallint as attempt,
    hit.distance,
    null::utinyint as quality
from hits as hit
inner join labels as label on label.label = hit.label
order by all
