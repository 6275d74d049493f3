"""Whom to write to about a place: from its host, domain and addresses to mail addresses and forms.

    Place: registered domain, host, addresses
     │  look_up.py        what is to be asked, once each, and what is known of a day ago
     ├ security.py ─▶ security_txt.py    /.well-known/security.txt, robots.txt first   (RFC 9116)
     ├ rdap.py ─────▶ rdap_answer.py     the registry of a domain or an address        (RFC 9083)
     │                 ├ jcard.py        its cards                                     (RFC 7095)
     │                 └ redaction.py    what it holds back                            (RFC 9537)
     ├ the table of registrars, `abuse@`
     ▼
    addresses.py          a mailbox or an https form, or nothing
    ranking.py            in which order they are written to
     ▼
    RUN/contacts/*.parquet                  (kept.py; `analysis` takes it from here)

Everybody is asked through the visit's own client: its guard, its limits, its turns.
"""
