-- Everything that speaks against a look that was served. docs/guide/soft-404.md says why it does, and
-- what it misses; docs/decisions/0031 has the thresholds.
with read as (
    select
        *,
        -- Words count only where the URL that was asked for has them not, and a picture's name must
        -- say nothing else: missing-dog.jpg is a dog.
        case when kind = 'picture' then '/' || parse_filename(end_path) else end_path end as told,
        parse_filename(rtrim(end_path, '/')) <> parse_filename(rtrim(asked_path, '/')) as is_renamed,
        was_redirected and kind <> 'picture' and end_path <> asked_path as is_elsewhere
    from evidence
    where
        kind <> 'picture' or was_redirected or is_canary_body or is_canary_size or body_names is not null
),
weighed as (
    select
        link_id,
        round,
        [
            case when kind = 'page' then 'html_not_picture' end,
            case when kind = 'text' then 'text_not_picture' end,
            case when kind = 'empty' then 'empty_body' end,
            case when is_canary_body then 'canary_body' end,
            case when is_canary_end then 'canary_redirect' end,
            case when is_canary_page then 'canary_page' end,
            case when is_canary_size then 'canary_size' end,
            case
                when
                    case
                        when body_sizes >= 3 then body_names >= 3
                        -- All of one size, as one picture is.
                        when body_sizes = 1 then false
                        when canary_says = 'nothing' then body_names >= 20
                        else body_names >= 50
                    end
                    then 'one_body_many_links'
            end,
            case
                when
                    end_domain in (select name from parking_hosts)
                    or (end_domain is not null and end_host in (select name from parking_hosts))
                    or (is_elsewhere and end_path = '/lander')
                    or (was_redirected and kind <> 'picture' and regexp_matches(end_host, '^ww[0-9]{1,3}[.]'))
                    then 'parked'
            end,
            case
                when
                    is_elsewhere and (kind = 'page' or not end_has_query) and regexp_matches(
                        end_path, '^/?((index|default|home)([.][a-z]{2,5})?/?|[a-z]{2}([-_][a-z]{2})?/?)?\z'
                    )
                    then 'redirect_to_front_page'
            end,
            case
                when
                    is_elsewhere and is_renamed and regexp_matches(
                        end_path,
                        '/(log[-_]?[io]n|sign[-_]?in|auth|sso|oauth2?|authorize|wp-login|account|session)s?([.][a-z]+)?(/|\z)'
                    )
                    then 'redirect_to_login'
            end,
            case
                when
                    is_renamed and regexp_matches(
                        told,
                        '/((image|img|photo|picture|pic|file|page|media|error|http|err)s?[-_ ]?)?'
                        || '(4(04|10)|not[-_ ]?found|errors?|missing|removed|deleted|gone|expired|(un|not[-_ ]?)available'
                        || '|no[-_ ]?(image|img|photo|picture|pic|thumb)|sorry|oops|placeholder)'
                        || '([-_ ]?(image|img|photo|picture|pic|file|page|available|found|404|[0-9]+(x[0-9]+)?))*'
                        || '([.][a-z]{2,5})?(/|\z)'
                    )
                    then 'redirect_to_error_page'
            end
        ] as signs
    from read
)
select
    link_id,
    round,
    unnest(list_filter(signs, lambda sign: sign is not null)) as sign
from weighed
