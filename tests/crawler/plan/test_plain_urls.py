"""What is taken for plain is what the WHATWG parser leaves as it is, and nothing else is."""

import json
from pathlib import Path

import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.plan.plain_urls import is_https, plain_hosts
from crawler.urls import url_parts

VECTORS = Path(__file__).parents[1] / "vectors" / "urltestdata.json"

_PIECES = st.sampled_from([
    "http:", "https:", "HTTPS:", "//", "/", "\\", "@", ":", "80", "?", "#", "..", ".", "%2e", "%2E",
    "%", "xn--", "--", "-", "_", "a", "Z", "0x7f", "1", "a.example", "1.2.3.4", "\t", "\n", " ", "ß",
    "'", "|", "[", "]", "^", "~", "&amp;", "a" * 63, "\0",
])  # fmt: skip
_ANYTHING = st.lists(_PIECES | st.text(max_size=3), max_size=12).map("".join)
# Mostly plain by construction, so that the property is not about refusals alone.
_LIKELY = st.tuples(
    st.sampled_from(["http://", "https://"]),
    st.from_regex(r"(?:[a-z0-9_-]{1,8}\.){0,3}[a-z0-9_-]{1,4}", fullmatch=True),
    st.from_regex(r"(?:/[!-~]{0,6}){0,3}", fullmatch=True),
).map("".join)


@given(st.lists(_ANYTHING | _LIKELY | _ANYTHING.map(lambda text: "http://" + text), min_size=1))
@example(["http://a.b0x/", "http://a.0x1/", "http://a.1/", "http://1/"])
@example(["http://a/%2E/", "http://a/.b/", "http://a/b/../c", "http://a//./", "http://a/?x/../y"])
@example(["http://" + "a" * 63 + ".b/", "http://" + "a" * 64 + "/", "http://a-.b-/", "http://-a/"])
def test_the_parser_leaves_plain_cells_alone(texts: list[str]) -> None:
    """A plain cell is its own wire URL, with the host, scheme and port that it shows."""
    cells = pa.array([text.encode("utf-8", "surrogatepass") for text in texts], pa.binary())
    for text, host, https in zip(texts, plain_hosts(cells), is_https(cells), strict=True):
        if host.is_valid:
            scheme, port = ("https", 443) if https else ("http", 80)
            assert url_parts(text) == (text, scheme, host.as_py().decode(), port)


def test_vectors_that_are_plain_are_left_alone() -> None:
    """Of WHATWG's vectors, those that are plain parse to themselves; some are."""
    cases = json.loads(VECTORS.read_text(encoding="utf-8"))
    texts = [case["input"] for case in cases if isinstance(case, dict)]
    cells = pa.array([text.encode("utf-8", "surrogatepass") for text in texts], pa.binary())
    hosts = plain_hosts(cells).to_pylist()
    plain = [text for text, host in zip(texts, hosts, strict=True) if host is not None]
    assert plain
    assert [parts[0] for parts in map(url_parts, plain) if isinstance(parts, tuple)] == plain


def test_most_of_a_real_list_is_plain() -> None:
    """Everyday URLs are plain, those of a column's slice and of no row too; nulls are not."""
    everyday = [
        b"https://cdn.example.com/s/files/1/0012/products/a-picture_1200x1200.jpg?v=1571709871",
        b"http://images.example.co.uk/a%20b/c.d/(e)?w=1&amp;h=2",
        None,
    ]
    column = pa.array([b"not a URL", *everyday], pa.binary())
    hosts = [b"cdn.example.com", b"images.example.co.uk", None]
    assert plain_hosts(column.slice(1)).to_pylist() == hosts
    assert plain_hosts(column.slice(4)).to_pylist() == []
