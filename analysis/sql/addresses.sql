-- An address as sixteen bytes, IPv4 as ::ffff:a.b.c.d: so both families compare in one column.
with connected as (
    select
        host,
        ip,
        any_value(registered_domain) as registered_domain,
        coalesce(list_sort(list(distinct lower(server)) filter (where server is not null)), []) as servers,
        min(observed_at) as first_at,
        max(observed_at) as last_at
    from observations
    where ip is not null and host is not null
    group by host, ip
),
spelled as (
    select
        *,
        case when regexp_full_match(ip, '::ffff:[0-9.]+') then substr(ip, 8) else lower(ip) end as text,
        list_filter(string_split(split_part(text, '::', 1), ':'), lambda one: one <> '') as before_gap,
        list_filter(string_split(split_part(text, '::', 2), ':'), lambda one: one <> '') as after_gap,
        list_transform(string_split(text, '.'), lambda one: try_cast(one as utinyint)) as octets
    from connected
),
as_digits as (
    select
        *,
        case
            when contains(text, ':')
                then
                    array_to_string(
                        list_transform(
                            before_gap || repeat(['0'], 8 - len(before_gap) - len(after_gap)) || after_gap,
                            lambda one: lpad(one, 4, '0')
                        ),
                        ''
                    )
            when len(octets) = 4
                then
                    repeat('0', 20) || 'ffff'
                    || format('{:02x}{:02x}{:02x}{:02x}', octets[1], octets[2], octets[3], octets[4])
        end as digits
    from spelled
)
select
    host,
    registered_domain,
    ip,
    case when regexp_full_match(digits, '[0-9a-f]{32}') then unhex(digits) end as address,
    servers,
    first_at,
    last_at
from as_digits
