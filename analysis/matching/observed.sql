-- One row per entry and look that it matches. search.py makes labels, entries and near_observed.
with hits as (
    select
        entry.label,
        entry.kind,
        entry.digest,
        look.link_id,
        look.round,
        look.attempt,
        0::usmallint as distance,
        null::utinyint as quality
    from segments.observations as look
    inner join entries as entry on entry.digest = look.sha256 and entry.kind = 'sha256'
    union all
    select
        entry.label,
        entry.kind,
        entry.digest,
        look.link_id,
        look.round,
        look.attempt,
        0::usmallint,
        null::utinyint
    from segments.observations as look
    inner join entries as entry on entry.digest = look.md5 and entry.kind = 'md5'
    union all
    select
        entry.label,
        entry.kind,
        entry.digest,
        look.link_id,
        look.round,
        look.attempt,
        near.distance,
        look.pdq_quality
    from segments.observations as look
    inner join near_observed as near on near.pdq = look.pdq
    inner join entries as entry on entry.digest = near.digest and entry.kind = 'pdq'
    where look.pdq_quality >= ?
)
select
    label.list_digest,
    label.list,
    label.category,
    hit.kind,
    lower(hex(hit.digest)) as entry_hash,
    'observed' as source,
    hit.link_id,
    hit.round,
    hit.attempt,
    hit.distance,
    hit.quality
from hits as hit
inner join labels as label on label.label = hit.label
order by all
