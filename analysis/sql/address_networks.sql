-- The innermost range that an address is in: the one that begins last and, of those, ends first.
with asked as (
    select distinct ip, address
    from addresses
    where address is not null
),
-- First where it begins, of that column alone, and then the row: names are only read where they are asked for.
begins as (
    select asked.ip, asked.address, start.first
    from asked
    asof inner join (select first from segments.networks) as start on asked.address >= start.first
),
covering as (
    select begins.ip, begins.address, network.first, network.last, network.asn, network.organisation, network.as_of
    from begins
    inner join segments.networks as network on network.first = begins.first
    union all
    -- What begins before that can only reach the address where another range begins in it: hardly any.
    select asked.ip, asked.address, network.first, network.last, network.asn, network.organisation, network.as_of
    from asked
    inner join segments.networks as network
        on network.overlaps and network.first <= asked.address and asked.address <= network.last
),
innermost as (
    select
        ip,
        asn,
        organisation,
        as_of,
        [first, last] as ends
    from covering
    where address <= last
    qualify row_number() over (partition by ip order by first desc, last, asn) = 1
),
spelled as (
    select
        *,
        list_transform(ends, lambda one: lower(hex(one))) as digits,
        -- IPv6: groups of four digits, without their zeros in front, and the first row of zeros left out.
        list_transform(
            digits,
            lambda one: regexp_replace(
                regexp_replace(rtrim(regexp_replace(one, '(.{4})', '\1:', 'g'), ':'), '(^|:)0{1,3}', '\1', 'g'),
                '(^|:)0(:0)+(:|\z)',
                '::'
            )
        ) as texts
    from innermost
)
select
    ip,
    asn::ubigint as asn,
    organisation,
    case
        when starts_with(digits[1], repeat('0', 20) || 'ffff')
            then
                array_to_string(
                    list_transform(
                        ends,
                        lambda one: array_to_string(
                            list_transform([25, 27, 29, 31], lambda octet: ('0x' || substr(hex(one), octet, 2))::utinyint), '.'
                        )
                    ),
                    '-'
                )
        else array_to_string(texts, '-')
    end as network,
    as_of
from spelled
