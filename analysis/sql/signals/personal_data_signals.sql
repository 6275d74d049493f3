-- Personal data in a text. What it says is never written down, only where it stands.
select
    link_id,
    category as kind,
    false as is_calmed,
    arg_min(field || ', character ' || position || ', ' || length || ' characters', field) as evidence
from text_hits
where category in ('mail', 'phone', 'iban', 'card', 'national_id')
group by link_id, category
