select
    link_id,
    category,
    prompt,
    similarity::double as similarity,
    margin::double as margin
from segments.meanings
