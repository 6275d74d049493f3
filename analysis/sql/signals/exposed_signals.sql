-- Places that pictures are not published from: archives of hospitals, folders of people's files,
-- listings of directories, backups, buckets.
with places as (
    select
        link.link_id,
        lower(link.wire_url) as url,
        regexp_replace(lower(link.wire_url), '^[a-z]+://[^/]*', '') as path,
        coalesce(tenant.is_storage, false) as is_storage
    from links as link
    left join tenants as tenant on tenant.link_id = link.link_id
    where link.wire_url is not null
),
named as (
    select
        link_id,
        unnest([
            if(regexp_matches(path, '/wado(?:-?rs|-?uri)?[/?]|/dicom-?web/|[?&](?:study|object|series)uid=|/orthanc/|/instances/[0-9a-f-]{20,}|[.]dcm(?:[?]|\z)|/dcm4che'),
                {'kind': 'medical_archive', 'evidence': 'a path of DICOMweb, WADO or a PACS'}, null),
            if(regexp_matches(path, '/(?:patients?|patienten?|pacientes?|kyc|passports?|id[-_]?(?:cards?|scans?|docs?)|medical[-_]?(?:records?|files?|photos?)|case[-_]?files?|clients?[-_](?:files?|docs?))/'),
                {'kind': 'people_folder', 'evidence': 'a folder named after people''s files'}, null),
            if(regexp_matches(path, '/(?:backups?|bak|old[-_]?site|private|_private|confidential|desktop|dcim|whatsapp(?:%20| )images|camera(?:%20| )uploads|my(?:%20| )documents|scans?|scan[-_]?[0-9]+[.])'),
                {'kind': 'private_folder', 'evidence': 'a folder of backups, scans or a telephone'}, null),
            if(regexp_matches(url, '[?&]c=[nmsd];o=[ad]') or regexp_matches(path, '/index(?:%20| |_)of/'),
                {'kind': 'directory_listing', 'evidence': 'a link as a directory listing makes it'}, null),
            if(is_storage, {'kind': 'bucket', 'evidence': 'object storage, asked without a front'}, null)
        ]) as found
    from places
)
select
    link_id,
    found.kind as kind,
    found.kind <> 'bucket' and link_id in (select link_id from text_hits where category = 'calm') as is_calmed,
    found.evidence as evidence
from named
where found is not null
