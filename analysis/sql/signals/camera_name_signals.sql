-- Names that a camera or telephone gave, many in one folder: a memory card rather than a choice.
with named as (
    select
        link_id,
        host,
        regexp_extract(lower(wire_url), '^[a-z]+://[^?#]*/([^/?#]*)', 1) as file,
        regexp_extract(lower(wire_url), '^[a-z]+://([^?#]*)/[^/?#]*', 1) as folder
    from links
    where wire_url is not null
),
marked as (
    select
        *,
        regexp_matches(file, '^(?:img|dscn?|dscf|dsc_|p10|pict|mvimg|pxl|vid|gopr|imag|sam|cimg|kimg|100)[-_]?[0-9e]{3,}|^(?:19|20)[0-9]{6}[-_]?[0-9]{5,6}|^img-[0-9]{4,8}-wa[0-9]{4}|^(?:photo|scan|image)[-_ ]?[0-9]{4,}') as is_camera
    from named
),
folders as (
    select folder
    from marked
    group by folder
    having count_if(is_camera) >= 5 and 2 * count_if(is_camera) >= count(*)
)
select
    link_id,
    'camera_names' as kind,
    false as is_calmed,
    'five or more names as cameras give in one folder' as evidence
from marked
where is_camera and folder in (select folder from folders)
