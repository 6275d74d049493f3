-- Grain: one row: the host and the registered domain that are asked most, null without any.
-- A request is a link or the robots.txt of an origin.
select
    (select max({requests: links + origins, name: host}) from hosts) as host,
    (
        select max({requests: links + origins, name: registered_domain})
        from domains
    ) as registered_domain
