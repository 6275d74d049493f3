-- The design-based variance of the share that is up (docs/decisions/0012). A stratum is a domain:
-- --max-per-domain draws within it. A link is worth 1 link, or row_count rows.
with sampled as (
    select 1 / coalesce(max(try_cast(value as double)), 1) as first_weight
    from meta
    where key = 'options.sample'
),
strata as (
    select
        counted,
        link.weight,
        count(*)::double as n,
        count_if(verdict.is_up or verdict.is_down)::double as judged,
        coalesce(sum(worth) filter (where verdict.is_up), 0) as up,
        coalesce(sum(worth) filter (where verdict.is_down), 0) as down,
        coalesce(sum(worth) filter (where not verdict.is_up and not verdict.is_down), 0) as unjudged,
        coalesce(sum(worth ** 2) filter (where verdict.is_up), 0) as up_squares,
        coalesce(sum(worth ** 2) filter (where verdict.is_down), 0) as down_squares
    from (
        select
            link_id,
            verdict in ('alive', 'changed') as is_up,
            verdict in ('soft_dead', 'dying', 'dead') as is_down
        from verdicts
    ) as verdict
    inner join links as link on link.link_id = verdict.link_id
    cross join lateral (values ('links', 1::double), ('rows', link.row_count::double)) as ways (counted, worth)
    where link.invalid_reason is null
    group by counted, link.registered_domain, link.weight
),
shares as (
    select
        counted,
        sum(weight * up) as up,
        sum(weight * down) as down,
        sum(weight * unjudged) as unjudged,
        sum(judged)::ubigint as judged_links,
        sum(weight ** 2 * (up_squares + down_squares)) as squares,
        sum(weight * up) / nullif(sum(weight * (up + down)), 0) as share
    from strata
    group by counted
),
smoothed as (
    -- Two imaginary links, up as often as all the others, keep a domain of one mind from looking certain.
    select
        stratum.counted,
        sampled.first_weight * stratum.weight as first_factor,
        greatest(0, 1 - sampled.first_weight / stratum.weight) * stratum.n * stratum.weight ** 2 as second_factor,
        stratum.n + 2 as n,
        (1 - share) ** 2 * stratum.up_squares + share ** 2 * stratum.down_squares as squares,
        2 * share * (1 - share) * (stratum.up_squares + stratum.down_squares) / greatest(stratum.judged, 1)
            as imaginary_squares,
        (1 - share) * stratum.up - share * stratum.down as residuals
    from strata as stratum
    inner join shares on shares.counted = stratum.counted
    cross join sampled
),
variances as (
    select
        counted,
        first_factor * squares as first_variance,
        second_factor * ((squares + imaginary_squares) / n - (residuals / n) ** 2) * n / (n - 1) as second_variance,
        n - 1 as freedom
    from smoothed
)
select
    shares.counted,
    any_value(shares.up) as up,
    any_value(shares.down) as down,
    any_value(shares.unjudged) as unjudged,
    any_value(shares.judged_links) as judged_links,
    any_value(shares.share) as share,
    any_value((shares.up + shares.down) ** 2 / nullif(shares.squares, 0)) as kish_size,
    sum(first_variance + second_variance) / any_value(nullif(shares.up + shares.down, 0) ** 2) as variance,
    sum(first_variance + second_variance) ** 2 / nullif(
        sum(second_variance ** 2 / freedom) + sum(first_variance) ** 2 / any_value(shares.judged_links), 0
    ) as degrees_of_freedom
from shares
inner join variances on variances.counted = shares.counted
group by shares.counted
