"""What counts as an address that one can write to, however a stranger has written it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.contacts.addresses import contact_address

USABLE = {
    "abuse@leak.example": "abuse@leak.example",
    " mailto:Ann.B@Leak.Example ": "Ann.B@leak.example",
    "MAILTO:abuse%40leak.example": "abuse@leak.example",
    # What somebody wants written, or whom else to write to, is not his to say.
    "mailto:abuse@leak.example?cc=you@leak.example&body=Hello": "abuse@leak.example",
    "abuse@münchen.example": "abuse@xn--mnchen-3ya.example",
    "https://leak.example/abuse?form=1#top": "https://leak.example/abuse?form=1",
    "https://user:word@leak.example/": "https://leak.example/",
    "https://münchen.example/ä": "https://xn--mnchen-3ya.example/%C3%A4",
}
UNUSABLE = (
    "", "tel:+1-201-555-0123", "http://leak.example/abuse", "javascript:alert(1)", "data:text/html,x",
    "mailto:", "mailto:a@leak.example,b@leak.example", "mailto:a%0d%0aBcc:b@leak.example", "abuse@localhost",
    '"Ann" <a@leak.example>', "abuse@[192.0.2.1]", "abuse@192.0.2.1", "https://192.0.2.1/", "https://[::1]/",
    "https://router/", "=cmd@leak.example", "-oQ/tmp@leak.example", "abuse at leak.example",
    "a@leak.example\nb@leak.example", "REDACTED FOR PRIVACY", f"https://leak.example/{'a' * 3000}",
)  # fmt: skip
MAILBOX = re.compile(r"[^\s@<>=+-][^\s@<>]*@[a-z0-9_.-]+\.[a-z0-9-]+")


@pytest.mark.parametrize("text", USABLE)
def test_usable(text: str) -> None:
    """A mailbox, a mailto: and an https URL each come out in one spelling."""
    assert contact_address(text) == USABLE[text]


@pytest.mark.parametrize("text", UNUSABLE)
def test_unusable(text: str) -> None:
    """Nothing else is an address."""
    assert contact_address(text) is None


@given(st.one_of(st.text(), st.sampled_from([*USABLE, *UNUSABLE])), st.text(max_size=5))
def test_any_text_is_an_address_or_nothing(text: str, more: str) -> None:
    """Whatever a server writes, what comes out is one mailbox or one https URL, of one line."""
    found = contact_address(text + more)
    if found is not None:
        assert found.isascii()
        assert found.startswith("https://") or MAILBOX.fullmatch(found)
        assert contact_address(found) == found
