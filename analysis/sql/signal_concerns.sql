-- What a kind of signal is called before a host. Null: it says nothing that a host can act on, or
-- (hashes) it is told by whether the picture is served now.
select
    kind,
    concern
from (
    values
        ('hash_exact', null),
        ('hash_near', null),
        ('hash_alike', null),
        ('clinical_words', 'medical'),
        ('identity_words', 'identity'),
        ('finance_words', 'financial'),
        ('intimate_words', 'intimate'),
        ('minors_words', 'minors'),
        ('letters_words', 'letters'),
        ('own_record', 'record'),
        ('caption_meaning', null),
        ('mail', 'contact'),
        ('phone', 'contact'),
        ('national_id', 'identity'),
        ('iban', 'financial'),
        ('card', 'financial'),
        ('dataset_unsafe', null),
        ('opt_out', null),
        ('medical_archive', 'medical'),
        ('people_folder', 'folder'),
        ('private_folder', 'folder'),
        ('directory_listing', 'listing'),
        ('bucket', null),
        ('camera_names', null),
        ('dicom_patient', 'medical'),
        ('dicom', 'medical'),
        ('clinical_device', 'medical'),
        ('text_layer', null),
        ('exif_position', 'file'),
        ('person_named', 'file'),
        ('camera_serial', null),
        ('drift', null)
) as concerns (kind, concern)
