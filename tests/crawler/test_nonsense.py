"""What nonsense a host is asked."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import nonsense
from crawler.nonsense import nonsense_beside
from crawler.records import ParsedUrl
from crawler.urls import parse_url

TOKEN = "0123456789abcdef" * 2


def beside(url: str) -> str:
    parsed = parse_url(url)
    assert isinstance(parsed, ParsedUrl)
    return nonsense_beside(parsed, TOKEN).wire_url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.test/img/cat.jpg", f"http://a.test/img/{TOKEN}.jpg"),
        ("https://a.test:8443/cat.JPEG?w=300", f"https://a.test:8443/{TOKEN}.JPEG"),
        ("http://a.test/wp-content/uploads/2014/05/a.png", f"http://a.test/wp-content/uploads/2014/05/{TOKEN}.png"),
        ("http://a.test/", f"http://a.test/{TOKEN}"),
        ("http://a.test/image.php?id=7", f"http://a.test/{TOKEN}.php"),
        ("http://a.test/photo!large", f"http://a.test/{TOKEN}"),
        ("http://[::1]/a/b.gif", f"http://[::1]/a/{TOKEN}.gif"),
        # The directory alone may be all that the host goes by.
        ("http://a.test/comp/D4E22C/red-door.jpg", f"http://a.test/comp/{TOKEN}/{TOKEN}.jpg"),
        ("http://a.test/p/8812345/large.jpg", f"http://a.test/p/{TOKEN}/{TOKEN}.jpg"),
    ],
)  # fmt: skip
def test_a_sibling(url: str, expected: str) -> None:
    """The directory and the extension stay, the name is nonsense, and the query is left out."""
    assert beside(url) == expected


def test_the_examples() -> None:
    """The examples in the docstrings are true."""
    assert doctest.testmod(nonsense).failed == 0


@given(st.text(max_size=60))
def test_the_origin_stays(path: str) -> None:
    """Whatever the path, nonsense is asked of the link's own origin, and is a URL."""
    parsed = parse_url(f"http://a.test:81/{path}")
    if not isinstance(parsed, ParsedUrl):
        return
    found = nonsense_beside(parsed, TOKEN)
    again = parse_url(found.wire_url)
    assert again == found
    assert (found.scheme, found.host, found.port) == ("http", "a.test", 81)
    assert TOKEN in found.wire_url.rpartition("/")[2]
    assert "?" not in found.wire_url
