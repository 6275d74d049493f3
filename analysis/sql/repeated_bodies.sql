-- The same picture behind several links. File names, not URLs, are what is counted: the variants of
-- one picture (/a.jpg?w=300, /small/a.jpg) have one name. All rounds count together, as a later round
-- looks at a few links and would not meet the others that are answered so.
with pictures as (
    select
        *,
        hash(registered_domain, sha256) as body
    from served
    where kind = 'picture' and sha256 is not null
),
-- Nearly every body is there once, so the many are told apart by a number that is quick to compare.
repeated as (
    select body
    from pictures
    group by body
    having count(*) >= 3 and min(link_id) <> max(link_id)
),
counted as (
    select
        pictures.registered_domain,
        pictures.sha256,
        list(distinct pictures.round) as rounds,
        count(distinct pictures.link_id)::ubigint as links,
        count(distinct parse_filename(split_part(pictures.url, '?', 1)))::ubigint as names,
        count(distinct struct_pack(width := link.width, height := link.height))
            filter (where link.width is not null and link.height is not null)::ubigint as promised_sizes
    from pictures
    inner join repeated on repeated.body = pictures.body
    inner join links as link on link.link_id = pictures.link_id
    group by pictures.registered_domain, pictures.sha256
    having count(distinct pictures.link_id) >= 3
)
select
    registered_domain,
    unnest(rounds) as round,
    sha256,
    links,
    names,
    promised_sizes
from counted
