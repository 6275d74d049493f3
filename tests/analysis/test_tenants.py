"""Whose part of a shared host a URL is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.private_suffixes import LIST, customer
from analysis.tenants import is_shared, tenant
from tests.suffixes import by_tldextract, names_of

CASES = {
    # Object storage, by host and by path.
    ("album.s3.amazonaws.com", "/1.jpg"): ("album.s3.amazonaws.com", True),
    ("a.b.s3.eu-west-1.amazonaws.com", "/1.jpg"): ("a.b.s3.eu-west-1.amazonaws.com", True),
    ("album.s3-us-west-2.amazonaws.com", "/"): ("album.s3-us-west-2.amazonaws.com", True),
    ("s3.amazonaws.com", "/album/x/1.jpg"): ("s3.amazonaws.com/album", True),
    ("s3.dualstack.us-east-1.amazonaws.com", "/album/1.jpg"): (
        "s3.dualstack.us-east-1.amazonaws.com/album",
        True,
    ),
    ("storage.googleapis.com", "/album/1.jpg"): ("storage.googleapis.com/album", True),
    ("album.storage.googleapis.com", "/1.jpg"): ("album.storage.googleapis.com", True),
    ("firebasestorage.googleapis.com", "/v0/b/app.appspot.com/o/1.jpg"): (
        "firebasestorage.googleapis.com/app.appspot.com",
        True,
    ),
    ("acct.blob.core.windows.net", "/box/1.jpg"): ("acct.blob.core.windows.net", True),
    ("pub-12ab.r2.dev", "/1.jpg"): ("pub-12ab.r2.dev", True),
    ("f002.backblazeb2.com", "/file/album/1.jpg"): ("f002.backblazeb2.com/album", True),
    ("s3.us-west-001.backblazeb2.com", "/album/1.jpg"): (
        "s3.us-west-001.backblazeb2.com/album",
        True,
    ),
    ("album.nyc3.digitaloceanspaces.com", "/1.jpg"): ("album.nyc3.digitaloceanspaces.com", True),
    # Blogs, shops and a proxy.
    ("ann.blogspot.com", "/1.jpg"): ("ann.blogspot.com", False),
    ("img.ann.github.io", "/1.jpg"): ("ann.github.io", False),
    ("i2.wp.com", "/ann.example/2019/1.jpg"): ("wp.com/ann.example", False),
    ("cdn.shopify.com", "/s/files/1/0012/3456/products/1.jpg"): (
        "cdn.shopify.com/s/files/1/0012/3456",
        False,
    ),
    # Nobody's part.
    ("s3.amazonaws.com", "/"): None,
    ("i2.wp.com", "/1"): None,
    ("github.io", "/1.jpg"): None,
    ("example.org", "/album/1.jpg"): None,
    ("notamazonaws.com", "/album/1.jpg"): None,
    ("s3.amazonaws.com.evil.test", "/album/1.jpg"): None,
    ("192.0.2.1", "/1.jpg"): None,
}


@pytest.mark.parametrize(("host", "path"), CASES)
def test_tenants(host: str, path: str) -> None:
    """A bucket, a blog and a shop are told from the host that many share."""
    found = tenant(host, path, customer)
    assert (found and (found.name, found.is_storage)) == CASES[host, path]


@given(st.sampled_from([host for host, _ in CASES]), st.text(max_size=300))
def test_any_path_has_a_short_name_or_none(host: str, rest: str) -> None:
    """A tenant's name is bounded, and only hosts that may have tenants have one."""
    found = tenant(host, f"/{rest}", customer)
    assert found is None or (len(found.name) <= 200 and is_shared(host, customer))


def test_no_customer_is_told_otherwise() -> None:
    """Tldextract agrees on a name below each rule of the list, private or not, on that name's, and on others."""
    oracle = by_tldextract(LIST, private=True)

    def said(host: str) -> str | None:
        found = oracle.extract_str(host)
        return (found.top_domain_under_public_suffix or None) if found.is_private else None

    names = [*names_of(oracle.tlds), "test", "192.0.2.1", "a.b.test", "2001:db8::1"]
    hosts = [f"{start}{name}" for name in names for start in ("", "a.", "x.b-c.")]
    assert [customer(host) for host in hosts] == [said(host) for host in hosts]
    assert sum(customer(host) is not None for host in hosts) > 5_000
