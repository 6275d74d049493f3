"""An address that a stranger gave as a contact, or nothing: a mailbox or an https form.

Room: pure rules. Whatever else it is (a telephone number, a script, a mail with a text and ten more
recipients in it), it is no contact.
"""

from urllib.parse import unquote

from email_validator import EmailNotValidError, validate_email

from crawler.records import ParsedUrl
from crawler.urls import parse_url

LONGEST = 2048  # characters; RFC 9116, 5.4 takes longer fields for an attack


def contact_address(text: str) -> str | None:
    """Return `abuse@example.org` or `https://example.org/abuse` of what is written, or None.

    Takes a `mailto:` without what it wants written, an https URL, and a mailbox as it is.
    """
    text = text.strip()
    if len(text) > LONGEST:
        return None
    scheme, colon, rest = text.partition(":")
    if colon and scheme.lower() == "mailto":
        return mailbox(unquote(rest.partition("?")[0]))
    if colon and scheme.lower() == "https":
        return form_url(text)
    return mailbox(text)


def mailbox(text: str) -> str | None:
    """Return one mail address in its usual spelling, its domain as A-labels, or None.

    What a sheet would take for a formula, or a program for an option, is none.
    """
    try:
        # Names below .test and .example are let through: demonstrations live there.
        found = validate_email(
            text,
            check_deliverability=False,
            globally_deliverable=False,
            allow_smtputf8=False,
            test_environment=True,
        )
    except EmailNotValidError:
        return None
    domain = found.ascii_domain.lower()
    is_odd = text[0] in "=+-" or not _is_name(domain)
    return None if is_odd else f"{found.local_part}@{domain}"


def form_url(text: str) -> str | None:
    """Return an https URL as it goes on the wire, or None."""
    url = parse_url(text)
    if not isinstance(url, ParsedUrl) or url.scheme != "https" or not _is_name(url.host):
        return None
    return url.wire_url if len(url.wire_url) <= LONGEST else None


def _is_name(host: str) -> bool:
    """Tell a domain name from an IP address and from a name of the local network."""
    _, dot, top = host.rpartition(".")
    return bool(dot) and not top.isdigit() and ":" not in host
