"""Personal data in texts: what counts, what does not, and that no value gets out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.captions.batch import search
from analysis.captions.marks import find_marks
from analysis.captions.numbers import find_mails, find_personal

FOUND = [
    ("write to jane.roe@mail.test please", None, "mail"),
    ("transfer to DE41672368460941812226", None, "iban"),
    ("DE41 6723 6846 0941 8122 26", None, "iban"),
    ("card 4539 1488 0343 6467", None, "card"),
    ("cpf 529.982.247-25", None, "national_id"),
    ("DNI 12345678Z", None, "national_id"),
    ("身份证 11010519491231002X", None, "national_id"),
    ("SSN 536-90-4399", None, "national_id"),
    ("call +44 20 7946 0958", None, "phone"),
    ("call (212) 736-5000", "US", "phone"),
    ("Tel. 030 901820", "DE", "phone"),
]
NOT_FOUND = [
    ("info@mail.test", None),
    ("logo@2x.png", None),
    ("someone@example.com", None),
    ("DE89 3704 0044 0532 0130 00 is the example of every manual", None),
    ("4111 1111 1111 1111", None),
    ("4539 1488 0343 6468", None),
    ("529.982.247-26", None),
    ("12345678A", None),
    ("536-90-4399", None),
    ("(212) 736-5000", None),
    ("+1 800 555 0199", None),
    ("stock photo 123456789", "US"),
    ("1920x1080 2019-03-04 10:20:30", "US"),
]


@pytest.mark.parametrize(("text", "region", "kind"), FOUND)
def test_what_counts(text: str, region: str | None, kind: str) -> None:
    """A personal detail is found with its kind."""
    assert [found.kind for found in find_personal(text, region)] == [kind]


@pytest.mark.parametrize(("text", "region"), NOT_FOUND)
def test_what_does_not(text: str, region: str | None) -> None:
    """Offices, examples, wrong check digits and numbers of another kind are no personal details."""
    assert list(find_personal(text, region)) == []


@pytest.mark.parametrize(("text", "region", "kind"), FOUND)
def test_no_value_gets_out(text: str, region: str | None, kind: str) -> None:
    """A hit says where a detail stands, and holds no character of it."""
    for hit in search([text], [f"http://a.{(region or 'test').lower()}/1.jpg"]):
        if hit.category == kind:
            assert hit.term is None
            assert text[hit.position : hit.position + hit.length].strip()


def test_mails_in_urls() -> None:
    """A mail address in a URL is found, and a name after an @ is none."""
    assert len(find_mails("http://a.test/x?user=jane.roe@mail.test")) == 1
    assert find_mails("http://medium.test/@jane/1.jpg") == []


@given(st.text(max_size=200), st.sampled_from([None, "US", "DE", "ZZ"]))
def test_any_text_is_survived(text: str, region: str | None) -> None:
    """Whatever a text holds, what is found lies within it."""
    for found in find_personal(text, region):
        assert 0 <= found.position <= found.position + found.length <= len(text)


@pytest.mark.parametrize(
    "text",
    ["a@" * 2_000, "1 " * 2_000, "AB12 " * 800, "+1" * 2_000, "a." * 2_000 + "@b", "(" * 4_000],
)
@pytest.mark.timeout(20)
def test_hostile_texts_end(text: str) -> None:
    """A text that was made to keep a pattern busy is done with soon."""
    list(find_personal(text, "US"))
    list(find_marks(text))


@pytest.mark.parametrize(
    ("caption", "names"),
    [
        ("rash 27.03.1981", ["a date"]),
        ("王丽术前 1981年3月27日", ["a date"]),
        ("pat. 4711", ["a number"]),
        ("passport of Ann Roe", ["a name"]),
        ("Passport Of Ann Roe", []),
        ("portrait, 1867", ["an old year"]),
        ("born 1/2/1935", ["a date"]),
        ("a church", []),
    ],
)
def test_marks(caption: str, names: list[str]) -> None:
    """Dates, numbers and names mark somebody's file; a year of history speaks against it."""
    assert [mark.name for mark in find_marks(caption)] == names
