"""A security.txt is read as RFC 9116 says, and no further."""

from datetime import UTC, datetime
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.contacts.security_txt import SECURITY_BYTES, read_security_txt

NOW = datetime(2026, 11, 1, tzinfo=UTC)
URL = "https://leak.example/.well-known/security.txt"
CONTACT = "Contact: mailto:abuse@leak.example\n"
LATER = "Expires: 2027-01-01T00:00:00Z\n"
SIGNED = f"""-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

- -----an odd line
Contact: https://leak.example/report
- Contact: mailto:abuse@leak.example
{LATER}-----BEGIN PGP SIGNATURE-----

iHUEARYKAB0=
-----END PGP SIGNATURE-----
"""
READ = {
    "the order of the file": (
        f"Contact: https://leak.example/report\n{CONTACT}{CONTACT}{LATER}",
        ("https://leak.example/report", "abuse@leak.example"),
    ),
    "any case, CRLF and comments": (
        f"# ours\r\nCONTACT:   abuse@leak.example \r\n\r\n{LATER}",
        ("abuse@leak.example",),
    ),
    "a mark of the byte order": (f"\ufeff{CONTACT}{LATER}", ("abuse@leak.example",)),
    "telephones left out": (f"Contact: tel:+1-201-555-0123\n{CONTACT}", ("abuse@leak.example",)),
    "what is signed": (SIGNED, ("https://leak.example/report", "abuse@leak.example")),
    "nothing beside what is signed": (
        f"Contact: mailto:evil@evil.example\n{SIGNED}Contact: mailto:evil@evil.example\n",
        ("https://leak.example/report", "abuse@leak.example"),
    ),
    "its own address": (f"{CONTACT}Canonical: {URL}\n{LATER}", ("abuse@leak.example",)),
    "no Expires": (CONTACT, ("abuse@leak.example",)),
}
REFUSED: dict[str, str | bytes] = {
    "expired": f"{CONTACT}Expires: 2026-10-31T23:59:59Z\n",
    "expired in another zone": f"{CONTACT}Expires: 2026-11-01T01:00:00+02:00\n",
    "an end that is no date": f"{CONTACT}Expires: never\n",
    "one of two ends is past": f"{CONTACT}{LATER}Expires: 2020-01-01T00:00:00Z\n",
    "another's": f"{CONTACT}{LATER}Canonical: https://other.example/.well-known/security.txt\n",
    "a page": "<!doctype html><title>Not found</title>",
    "no contact": LATER,
    "a frame without an end": SIGNED.partition("-----BEGIN PGP SIGNATURE")[0],
    "too large": CONTACT + "#" * SECURITY_BYTES,
    "another coding": b"Contact: mailto:abuse@leak.example\n# \xff\xfe\n",
}


@pytest.mark.parametrize("case", READ)
def test_what_is_read(case: str) -> None:
    """The contacts of a file that holds are read in its order of preference."""
    text, contacts = READ[case]
    read = read_security_txt(text.encode(), (URL,), NOW)
    assert (read.contacts, read.refused) == (contacts, None)


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case: str) -> None:
    """A file that is stale, another's or none gives no contact, and the reason."""
    text = REFUSED[case]
    read = read_security_txt(text if isinstance(text, bytes) else text.encode(), (URL,), NOW)
    assert read.contacts == ()
    assert read.refused


@given(
    st.one_of(
        st.binary(max_size=500),
        st.text(max_size=500).map(lambda text: text.encode("utf-8", "replace")),
    )
)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """Whatever a server sends, there are contacts or a reason why not."""
    for framed in (body, b"Contact: " + body, b"-----BEGIN PGP SIGNED MESSAGE-----\n" + body):
        read = read_security_txt(framed, (URL,), NOW)
        assert bool(read.contacts) != bool(read.refused)


def test_a_line_of_spaces_is_read_at_once() -> None:
    """No line, however it is filled, takes longer to read than it is long."""
    began = process_time()
    read = read_security_txt(
        b"Contact: x" + b" " * (SECURITY_BYTES - 20) + b"x\n", ("https://a.test/",), NOW
    )
    assert read.refused == "it names no mailbox and no form"
    assert process_time() - began < 2  # it was half a minute
