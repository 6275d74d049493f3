-- Grain: one row: the size of the run.
select
    (select sum(links)::ubigint from origins) as links,
    (select coalesce(sum(links), 0)::ubigint from origins where host is null) as invalid_links,
    (select count(*) from hosts) as hosts,
    (select coalesce(sum(origins), 0)::ubigint from hosts) as origins,
    (select count(*) from domains) as registered_domains
