"""A cell of the URL column becomes a URL that can be asked for, or a reason."""

import gzip
import json
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any

import ada_url
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.records.link import Invalid, ParsedUrl
from crawler.urls import (
    MAX_WIRE_URL_BYTES,
    Reason,
    as_text,
    invalid_key,
    link_id,
    parse_url,
)
from tests.fuzz.targets.urls import check_url

FOLDER = Path(__file__).parent / "vectors"
VECTORS = [
    case
    for case in json.loads((FOLDER / "urltestdata.json").read_text(encoding="utf-8"))
    if isinstance(case, dict) and case.get("base") is None
]
WEB = [case for case in VECTORS if case.get("protocol") in ("http:", "https:")]
# Hosts that the URL standard takes and DNS does not (RFC 1035, 2.3.4).
NOT_IN_DNS = {Invalid("bad_host"), Invalid("no_host")}


@pytest.mark.parametrize("case", WEB, ids=lambda case: repr(case["input"])[:60])
def test_web_urls_are_taken_apart_as_the_standard_says(case: dict[str, Any]) -> None:
    """What WHATWG's vectors parse is parsed alike, without fragment and credentials."""
    parsed = parse_url(case["input"])
    if parsed in NOT_IN_DNS:
        assert ".." in case["hostname"] or case["hostname"].startswith(".")
        return
    assert isinstance(parsed, ParsedUrl)
    default_port = {"http": "80", "https": "443"}[parsed.scheme]
    host = f"[{parsed.host}]" if ":" in parsed.host else parsed.host
    assert parsed.scheme + ":" == case["protocol"]
    assert host == case["hostname"].removesuffix(".")
    assert str(parsed.port) == (case["port"] or default_port)
    password = f":{case['password']}" if case["password"] else ""
    credentials = f"{case['username']}{password}@"
    wire_url = case["href"].partition("#")[0]
    assert parsed.wire_url == wire_url.replace(f"//{credentials}", "//", 1)


@pytest.mark.parametrize(
    "case", [case for case in VECTORS if case not in WEB], ids=lambda case: repr(case["input"])[:60]
)
def test_everything_else_is_refused(case: dict[str, Any]) -> None:
    """What WHATWG's vectors refuse, and every other scheme, is refused with a reason."""
    parsed = parse_url(case["input"])
    assert isinstance(parsed, Invalid)
    assert parsed.reason in set(Reason)
    if not case.get("failure"):
        assert parsed.reason == Reason.SCHEME


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Reason.MISSING),
        (" \t\n\x00", Reason.MISSING),
        ("images/cat.jpg", Reason.NO_SCHEME),
        ("//example.com/cat.jpg", Reason.NO_SCHEME),
        ("data:image/png;base64,AAAA", Reason.SCHEME),
        ("file:///C:/cat.jpg", Reason.SCHEME),
        ("C:\\cat.jpg", Reason.SCHEME),
        ("http://", Reason.NO_HOST),
        ("HTTPS:///?q", Reason.NO_HOST),
        ("http://./", Reason.NO_HOST),
        ("http://a..b/", Reason.BAD_HOST),
        ("http://" + "a" * 64 + ".com/", Reason.BAD_HOST),
        ("http://" + "a." * 130 + "com/", Reason.BAD_HOST),
        ("http://[::1/", Reason.UNPARSABLE),
        ("http://exa mple.com/", Reason.UNPARSABLE),
        ("http://example.com:99999/", Reason.UNPARSABLE),
        ("http://example.com/" + "a" * MAX_WIRE_URL_BYTES, Reason.TOO_LONG),
        ("http://example.com/\ud800", Reason.NOT_UTF8),
    ],
)
def test_reasons(text: str, reason: Reason) -> None:
    """Each kind of unusable cell has its own reason."""
    assert parse_url(text) == Invalid(reason)


@pytest.mark.parametrize(
    ("text", "wire_url"),
    [
        ("http://example.com/a b.jpg", "http://example.com/a%20b.jpg"),
        ("http://example.com/ü?q=ü", "http://example.com/%C3%BC?q=%C3%BC"),
        ("http://example.com/?a=1&amp;b=2", "http://example.com/?a=1&amp;b=2"),
        ("HTTP://User:Pass@EXAMPLE.com:80/#top", "http://example.com/"),
        ("http://example.com/[1].jpg", "http://example.com/[1].jpg"),
        ("  https://bücher.example/\n", "https://xn--bcher-kva.example/"),
        ("http://example.com./", "http://example.com./"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
    ],
)
def test_wire_url(text: str, wire_url: str) -> None:
    """A cell goes on the wire as a browser would send it, and is not corrected otherwise."""
    parsed = parse_url(text)
    assert isinstance(parsed, ParsedUrl)
    assert parsed.wire_url == wire_url


@pytest.mark.parametrize("name", ["toascii.json", "IdnaTestV2.json.gz"])
def test_hosts_are_spelled_as_the_standard_says(name: str) -> None:
    """A host in any script becomes the A-labels of WHATWG's vectors, or is refused where they are."""
    content = (FOLDER / name).read_bytes()
    cases = json.loads(gzip.decompress(content) if name.endswith(".gz") else content)
    for case in [case for case in cases if isinstance(case, dict) and case["input"]]:
        parsed, wanted = parse_url(f"https://{case['input']}/x"), case["output"]
        if wanted is None:
            assert isinstance(parsed, Invalid), case
        elif isinstance(parsed, Invalid):
            labels = wanted.removesuffix(".").split(".")
            assert max(map(len, labels)) > 63 or "" in labels or len(wanted) > 253, case
            assert parsed in NOT_IN_DNS
        else:
            assert parsed.host == wanted.removesuffix("."), case


_PIECES = st.sampled_from([
    "http:", "HTTPS:", "//", "/", "\\", "@", ":", "80", "[", "::1", "]", "?", "#", "..", ".", "%2e",
    "%", "xn--", "ß", "ẞ", "。", "\u00ad", "\t", "\n", " ", "\0", "\ud800", "0x7f", "1", "a.example",
])  # fmt: skip
_URLS = st.lists(_PIECES | st.text(max_size=5), max_size=12).map("".join)


@given(st.text() | _URLS | _URLS.map(lambda text: "http://" + text))
@example("http://a.b../")  # two empty labels, of which one was dropped as the root's
@example("http:qh.th../A")
def test_any_text_is_settled(text: str) -> None:
    """Any text gives a URL or a reason; what goes on the wire is plain ASCII without secrets.

    It parses to itself, and our requests, urllib and a second WHATWG parser take the same from it.
    """
    check_url(text)
    parsed = parse_url(text)
    if isinstance(parsed, ParsedUrl):
        again = ada_url.URL(parsed.wire_url)
        assert (again.username, again.password, again.hash) == ("", "", "")
        if ":" in parsed.host:
            assert str(IPv6Address(parsed.host))


@given(st.characters(), st.text())
def test_as_text_is_always_encodable(sign: str, rest: str) -> None:
    """What is no character is spelled out, and text stays as it is."""
    assert as_text(rest) == rest
    assert as_text("\udce9" + sign + "\ud800").encode()


def test_link_ids_stay() -> None:
    """Ids are part of every run that was ever planned: they never change."""
    assert link_id("http://example.com/") == 13364996003878346283
    assert link_id(invalid_key("missing", "")) == 6820409352372737419
