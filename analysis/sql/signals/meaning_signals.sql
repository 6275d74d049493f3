-- Captions that mean what a leak's captions mean, in whatever words.
select
    link_id,
    'caption_meaning' as kind,
    link_id in (select link_id from text_hits where category = 'calm') as is_calmed,
    'caption is like: ' || prompt as evidence
from meanings
