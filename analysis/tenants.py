"""Whose part of a shared host a URL is in: the bucket, the blog, the shop.

Room: pure rules. Host names that stand for a customer are the private section of the public
suffix list's business, which is handed in; here are the ones whose customer is in the path.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

_LONGEST = 200  # characters of a tenant's name


@dataclass(frozen=True, slots=True)
class Tenant:
    """A customer of a shared host. `is_storage` is for object storage, whose buckets may be open."""

    name: str
    is_storage: bool


@dataclass(frozen=True, slots=True)
class _InPath:
    """A host whose tenants are named by the first match of `path` in a URL's path."""

    host: re.Pattern[str]
    path: re.Pattern[str]
    is_storage: bool


def _in_path(host: str, path: str, *, is_storage: bool = False) -> _InPath:
    return _InPath(re.compile(host), re.compile(path), is_storage)


_BUCKET = r"/([^/?#]+)"
_IN_PATH = (
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
    _in_path(r"s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?", _BUCKET, is_storage=True),
    # https://cloud.google.com/storage/docs/request-endpoints
    _in_path(
        r"(?:storage|commondatastorage)\.googleapis\.com|storage\.cloud\.google\.com",
        r"(?:/download/storage/v1/b|/storage/v1/b)?/([^/?#]+)",
        is_storage=True,
    ),
    _in_path(r"firebasestorage\.googleapis\.com", r"/v0/b/([^/?#]+)", is_storage=True),
    # https://www.backblaze.com/docs/cloud-storage-native-api
    _in_path(r"f\d{3}\.backblazeb2\.com", r"/file/([^/?#]+)", is_storage=True),
    _in_path(
        r"s3\.[a-z0-9-]+\.(?:backblazeb2|wasabisys|scw|filebase)\.(?:com|cloud)",
        _BUCKET,
        is_storage=True,
    ),
    _in_path(
        r"[a-z0-9-]+\.digitaloceanspaces\.com|storage\.yandexcloud\.net", _BUCKET, is_storage=True
    ),
    # A proxy of other people's pictures: https://jetpack.com/support/site-accelerator/
    _in_path(r"i[0-3]\.wp\.com", r"/([^/?#]+\.[^/?#]+)"),
    _in_path(r"cdn\.shopify\.com", r"(/s/files/\d+(?:/\d{4}){1,3})"),
    _in_path(r"static\.wixstatic\.com", r"/media/([0-9a-z]{6})_"),
    _in_path(r"images\.squarespace-cdn\.com", r"/content/(?:v1/)?([0-9a-f]{24})"),
    _in_path(r"static1?\.squarespace\.com", r"/static/([0-9a-f]{24})"),
    _in_path(r"img1\.wsimg\.com", r"/(?:isteam/ip|blobby/go)/([0-9a-f-]{36})"),
    _in_path(r"raw\.githubusercontent\.com", r"/([^/?#]+/[^/?#]+)"),
)
# The name before the suffix is the customer's account or bucket.
_STORAGE_HOST = re.compile(
    r"([^.]+(?:\.[^.]+)*)\.(?:s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?|storage\.googleapis\.com"
    r"|blob\.core\.windows\.net|r2\.dev|r2\.cloudflarestorage\.com"
    r"|[a-z0-9-]+\.(?:cdn\.)?digitaloceanspaces\.com|s3\.[a-z0-9-]+\.(?:backblazeb2|wasabisys)\.com"
    r"|oss-[a-z0-9-]+\.aliyuncs\.com|cos\.[a-z0-9-]+\.myqcloud\.com|storage\.yandexcloud\.net)"
)


def tenant(host: str, path: str, customer: Callable[[str], str | None]) -> Tenant | None:
    """Return whose part of a shared host `path` is in, or None for a host of its own.

    `host` is in its one spelling (see `ParsedUrl.host`); `customer` returns the name below a
    private suffix that a host belongs to, or None. The name is `host/part` where it is in the path.
    """
    if _STORAGE_HOST.fullmatch(host):
        return Tenant(host[:_LONGEST], is_storage=True)
    for rule in _IN_PATH:
        if rule.host.fullmatch(host):
            found = rule.path.match(path)
            if found is None:
                return None
            part = found[1].removeprefix("/")
            return Tenant(f"{_canonical(host)}/{part}"[:_LONGEST], rule.is_storage)
    name = customer(host)
    return None if name is None else Tenant(name[:_LONGEST], is_storage=False)


def is_shared(host: str, customer: Callable[[str], str | None]) -> bool:
    """Tell whether any path of a host may have a tenant."""
    return (
        any(rule.host.fullmatch(host) for rule in _IN_PATH)
        or _STORAGE_HOST.fullmatch(host) is not None
        or customer(host) is not None
    )


def _canonical(host: str) -> str:
    """Return one name for the hosts that serve the same: i0.wp.com to i3.wp.com."""
    return re.sub(r"^i[0-3]\.wp\.com$", "wp.com", host)
