-- Places the registered domains that are too small to be placed one by one: by a stable hash.
insert into domain_parts
select registered_domain, 0, 1, md5_number_lower(registered_domain) % $shards
from domains
anti join domain_parts using (registered_domain)
