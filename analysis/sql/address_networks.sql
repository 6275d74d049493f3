-- The innermost range that an address is in: the one that begins last and, of those, ends first.
with asked as (
    select distinct ip, address
    from addresses
    where address is not null
),
innermost as (
    select
        asked.ip,
        network.asn,
        network.organisation,
        network.as_of,
        [network.first, network.last] as ends
    from asked
    inner join segments.networks as network on asked.address between network.first and network.last
    qualify row_number() over (partition by asked.ip order by network.first desc, network.last, network.asn) = 1
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
