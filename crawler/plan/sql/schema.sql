-- The tables that a plan fills rather than selects; all empty at first.
create table sources (source uinteger, name varchar);
-- Keys that shared an id with an earlier key, and the id that they have instead.
create table moved (link_id ubigint, "check" ubigint, new_link_id ubigint);
-- The first rows of the links of the run, where domains are capped.
create table kept (row ubigint);
create table host_domains (host varchar, registered_domain varchar);
-- Grain: one row per part of a registered domain; a domain that is not split is one part.
create table domain_parts (
    registered_domain varchar, part usmallint, domain_shards usmallint, shard uinteger
);
