-- The tables that a plan fills rather than selects; all empty at first.
-- Grain: one row per host of the dataset. Key: code, a number that stands for it in this plan.
create table host_domains (code uinteger, host varchar, registered_domain varchar);
-- Grain: one row per host of the run. Key: code.
create table counted (code uinteger, links ubigint, origins ubigint);
-- Grain: one row: the links of the run, and those among them that are invalid.
create table size (links ubigint, invalid_links ubigint);
-- Where domains are capped: the links to choose from, by their first rows, and those chosen.
create table candidates (row ubigint, link_id ubigint, draw ubigint, code uinteger);
create table kept (row ubigint, link_id ubigint);
-- Grain: one row per part of a registered domain; a domain that is not split is one part.
create table domain_parts (
    registered_domain varchar, part usmallint, domain_shards usmallint, shard uinteger
);
-- Links that were counted of slots that do not have all links of a host; a slot may come again.
create table shared_slots (slot ubigint, links ubigint);
