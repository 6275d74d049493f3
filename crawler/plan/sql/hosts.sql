-- Grain: one row per host of the dataset. Key: code. The order is that in which a shard is walked.
-- draw: a number as good as random, by which the many small domains get their shards.
select code, host, registered_domain, md5_number_lower(registered_domain) as draw
from host_domains
order by registered_domain, host
