-- What a picture's file carries, as far as anybody looked: names of flags, never a value.
with carried as (
    select
        link_id,
        unnest(flags) as flag
    from observations
    where final and flags is not null
)
select
    carried.link_id,
    if(carried.flag = 'xmp_position', 'exif_position', carried.flag) as kind,
    carried.flag in ('dicom', 'dicom_patient')
    and carried.link_id in (select link_id from text_hits where category = 'calm') as is_calmed,
    'the file carries ' || replace(any_value(carried.flag), '_', ' ') as evidence
from carried
where carried.flag in (
    'exif_position', 'xmp_position', 'camera_serial', 'person_named', 'dicom', 'dicom_patient',
    'clinical_device', 'text_layer'
)
group by all
