-- The tables that a plan fills rather than selects; all empty at first.
-- Grain: one row per host of the dataset. Key: code, a number that stands for it in this plan.
create table host_domains (code uinteger, host varchar, registered_domain varchar);
-- Where domains are capped: the links to choose from, by their first rows, and those chosen.
create table candidates (row ubigint, link_id ubigint, draw ubigint, domain integer);
create table kept (row ubigint, link_id ubigint);
