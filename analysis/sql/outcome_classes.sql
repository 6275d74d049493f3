-- What an outcome says about the link, and nothing else: the rule of time is in verdicts.sql.
select
    outcome,
    class,
    meaning
from (
    values
        ('ok', 'served', 'an answer with a body'),
        ('not_modified', 'served', 'the same body as at the look before'),
        ('too_large', 'served', 'a body above the limit; it is there'),
        ('gone', 'dead', '404 or 410'),
        ('client_error', 'dead', 'another 4xx: the host does not know such a link'),
        ('too_many_redirects', 'dead', 'redirects that lead nowhere'),
        ('dns_not_found', 'dead', 'the name does not exist or has no address'),
        ('connect_refused', 'dead', 'the address answers that nobody listens'),
        ('denied', 'blocked', 'the host answers, but not to us'),
        ('rate_limited', 'blocked', 'the host asks us to come back later'),
        ('robots_denied', 'blocked', 'robots.txt asks us not to look'),
        ('robots_unreachable', 'blocked', 'robots.txt cannot be read, so nothing is asked'),
        ('server_error', 'transient', '5xx: the host is in trouble'),
        ('dns_failure', 'transient', 'the name server is in trouble'),
        ('connect_timeout', 'transient', 'nobody answered the connection in time'),
        ('connect_failed', 'transient', 'the connection failed on the way'),
        ('tls_failed', 'transient', 'no TLS connection came about'),
        ('timeout', 'transient', 'the answer did not end in time'),
        ('truncated', 'transient', 'the answer broke off'),
        ('protocol_error', 'transient', 'the answer is not HTTP'),
        ('bad_encoding', 'transient', 'the body cannot be decoded'),
        ('address_blocked', 'unasked', 'the name leads to an address that is not public'),
        ('url_invalid', 'unasked', 'the URL cannot be asked for')
) as classes (outcome, class, meaning)
