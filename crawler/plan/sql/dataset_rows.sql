-- Grain: one row per dataset row of a kept link, in source order; called for each stretch of rows.
select sources.name as source, staged.source_row,
    coalesce(moved.new_link_id, staged.link_id) as link_id
from read_parquet($files) as staged
join sources on sources.source = staged.source
left join moved on moved.link_id = staged.link_id and moved.check = staged.check
where staged.drawn and (
    not $capped or coalesce(moved.new_link_id, staged.link_id) in (select link_id from placed)
)
order by staged.row
