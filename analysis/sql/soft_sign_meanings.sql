-- Every sign of a soft death, the most telling first: a look's reason is the first that it shows.
select
    sign,
    rank,
    meaning
from (
    values
        ('parked', 1, 'a redirect to a parking service, or to ww1 and the like of the same domain'),
        ('canary_body', 2, 'the same bytes as the host gives for nonsense'),
        ('canary_redirect', 3, 'a redirect to where the host sends nonsense'),
        ('redirect_to_error_page', 4, 'a redirect to a URL that says not found, removed or error'),
        ('redirect_to_front_page', 5, 'a redirect to the front page'),
        ('redirect_to_login', 6, 'a redirect to a page to sign in'),
        ('canary_page', 7, 'HTML of about the size that the host gives for nonsense'),
        ('canary_size', 8, 'a picture of the type and size that the host gives for nonsense, and not the only one'),
        ('one_body_many_links', 9, 'one picture for links of many names'),
        ('html_not_picture', 10, 'HTML where a picture was promised'),
        ('text_not_picture', 11, 'plain text or JSON where a picture was promised'),
        ('empty_body', 12, 'a success without a byte')
) as signs (sign, rank, meaning)
