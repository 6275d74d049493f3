-- Grain: one row: the size of the run.
select
    (select count(*) from placed) as links,
    (select count(*) from placed where host is null) as invalid_links,
    (select count(*) from hosts) as hosts,
    (select coalesce(sum(origins), 0)::ubigint from hosts) as origins,
    (select count(*) from domains) as registered_domains
