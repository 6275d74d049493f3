-- The PDQ hashes of some segments, each once, with the best quality that it was seen with.
select
    pdq,
    max(coalesce(pdq_quality, 0))::utinyint as quality
from segments_to_index
where pdq is not null
group by pdq
