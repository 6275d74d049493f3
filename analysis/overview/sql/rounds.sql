select
    'round ' || look.round as name,
    look.shows as part,
    sum(link.weight) as amount
from looks as look
inner join links as link on link.link_id = look.link_id
group by name, part
