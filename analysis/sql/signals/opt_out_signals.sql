-- The host says no to machines, and the dataset lists it all the same.
select
    link_id,
    'opt_out' as kind,
    false as is_calmed,
    arg_max(opt_out, round) as evidence
from observations
where final and opt_out is not null
group by link_id
