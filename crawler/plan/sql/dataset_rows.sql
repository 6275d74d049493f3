-- Grain: one row per dataset row of a kept link, in source order; called for each stretch of rows.
-- Where ids were moved or domains capped; else the rows are read as they were staged.
select sources.name as source, keys.source_row,
    coalesce(moved.new_link_id, keys.link_id) as link_id
from read_parquet($files) as keys
join sources on sources.source = keys.source
left join moved on moved.link_id = keys.link_id and moved.check = keys.check
where keys.drawn and (
    not $capped or coalesce(moved.new_link_id, keys.link_id) in (select link_id from placed)
)
order by keys.row
