-- What became of each reported link by now. A pure function of looks and reports: no clock.
with cases as (
    select
        report.report_number,
        named.link_id,
        report.level,
        report.place,
        report.written_at as reported_at,
        (select count(*) from reports as later where later.reminder_of = report.report_number) as reminders
    from reports as report
    inner join reported_links as named on named.report_number = report.report_number
    where report.reminder_of is null
),
sums as (
    select
        report_number,
        link_id,
        count(*) filter (where is_after) as looks,
        max(observed_at) filter (where is_up) as last_up_at,
        arg_max(struct_pack(host := host, ip := ip), observed_at) filter (where is_up) as served_by
    from followed_looks
    group by report_number, link_id
),
-- A reported link counts as up until a look says otherwise.
in_order as (
    select
        *,
        coalesce(lag(is_up) over (partition by report_number, link_id order by observed_at), true) as was_up
    from followed_looks
    where is_told and is_after
),
turns as (
    select
        report_number,
        link_id,
        arg_max(is_up, observed_at) as is_up,
        max(observed_at) filter (where was_up and not is_up) as gone_at,
        max(observed_at) filter (where is_up and not was_up) as came_back_at
    from in_order
    group by report_number, link_id
),
judged as (
    select
        *,
        case
            when turns.is_up and turns.came_back_at is not null then 'back'
            when turns.is_up then 'up'
            when turns.is_up = false then 'gone'
            when sums.looks > 0 then 'unclear'
            else 'not_looked_yet'
        end as state
    from cases
    left join sums using (report_number, link_id)
    left join turns using (report_number, link_id)
)
select
    report_number,
    link_id,
    level,
    place,
    served_by.host as host,
    served_by.ip as ip,
    provider.name as provider,
    reported_at,
    reminders::uinteger as reminders,
    coalesce(looks, 0)::uinteger as looks,
    state,
    last_up_at,
    gone_at,
    came_back_at,
    epoch_us(case state when 'gone' then gone_at when 'up' then last_up_at when 'back' then last_up_at end - reported_at)
    / 86400e6 as days
from judged
left join providers as provider on provider.host = served_by.host and provider.ip = served_by.ip
