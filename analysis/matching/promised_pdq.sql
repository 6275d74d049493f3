-- The perceptual hashes of the dataset that can be PDQ, each once. It says no quality of them.
select distinct
    lower(expected_phash) as promised,
    unhex(expected_phash) as pdq
from segments.links
where regexp_full_match(expected_phash, '[0-9a-fA-F]{64}')
