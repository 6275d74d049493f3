-- Grain: one row per row of a made-up list, from $first_row on; the same row is always made alike.
-- Hosts by rank: Zipf-Mandelbrot p(k) ~ (k + q)^-s, inverted (bench/plan/lists.py has the fit).
-- A repeated row has the URL of a row before it; an odd one is spelled as browsers must mend it.
with numbered as (
    select range as number, hash(range, 'repeats') % 1000 as repeats
    from range($first_row, $first_row + $rows)
),

drawn as (
    select
        number,
        case when repeats < $repeated_per_mille then (hash(number, 'of') >> 1)::bigint % (number + 1) else number end
            as url_number
    from numbered
),

ranked as (
    select
        number, url_number, (hash(url_number, 'words') >> 1)::bigint as dice,
        floor(pow(
            pow(1 + $q, 1 - $s) - (hash(url_number, 'host') / 18446744073709551616.0)
                * (pow(1 + $q, 1 - $s) - pow($hosts + 1 + $q, 1 - $s)),
            1 / (1 - $s)
        ) - $q)::bigint as rank
    from drawn
),

hosted as (
    select
        *, if(rank % 6 = 5, 'cdn' || rank % 7 || '.', 'www.')
            || $names[1 + domain % len($names)] || lower(to_base(domain, 36))
            || $suffixes[1 + (hash(domain) >> 1)::bigint % len($suffixes)] as host
    from (select *, if(rank % 6 = 5, rank // 6 + 1, rank) as domain from ranked)
)

select
    number::bigint as SAMPLE_ID,
    case when dice % 1000 < $odd_per_mille then
        $odd[1 + dice // 1000 % len($odd)].replace('HOST', host).replace('NUMBER', url_number::varchar)
    else
        if(dice % 5 = 0, 'http://', 'https://') || host || '/wp-content/uploads/' || 2008 + dice % 13
            || '/' || $names[1 + dice % 31 % len($names)]
            || left('-' || dice || url_number, 1 + (dice // 7 % 26)::int) || '/'
            || $names[1 + dice % 37 % len($names)] || '-' || url_number
            || if(dice % 6 = 0, '.jpg?w=1200&amp;h=' || dice % 2000, '_1024x768.jpg')
    end as URL,
    $names[1 + dice // 11 % len($names)] || ' ' || $names[1 + dice // 13 % len($names)] || ' in the '
        || left($sentence, 6 + (dice // 17 % len($sentence))::int) || $names[1 + dice // 19 % len($names)]
        as TEXT,
    (hash(number, 'height') % 3000 + 50)::int as HEIGHT,
    (hash(number, 'width') % 3000 + 50)::int as WIDTH,
    if(dice % 50 = 0, 'cc-by', '?') as LICENSE,
    if(dice % 40 = 0, 'NSFW', 'UNLIKELY') as NSFW,
    0.28 + hash(number, 'similarity') / 18446744073709551616.0 * 0.2 as similarity
from hosted
