"""The customers of the names in the public suffix list's private section.

Room: disk. Reads the pinned list of data/public_suffix_list, once; never the network.
"""

import warnings
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tldextract

LIST = Path(__file__).parent.parent / "data" / "public_suffix_list" / "public_suffix_list.dat"


def customer(host: str) -> str | None:
    """Return the name below a private suffix that `host` belongs to: a.b.github.io → b.github.io.

    None for a host under no private suffix, and for the suffix itself.
    """
    found = _extract().extract_str(host)
    return (found.top_domain_under_public_suffix or None) if found.is_private else None


@cache
def list_digest() -> str:
    """Return what changes when the list does."""
    return sha256(LIST.read_bytes()).hexdigest()


@cache
def _extract() -> "tldextract.TLDExtract":
    import tldextract  # half a second, and only who reads links anew needs it

    extract = tldextract.TLDExtract(
        cache_dir=None,
        suffix_list_urls=(LIST.absolute().as_uri(),),
        fallback_to_snapshot=False,
        include_psl_private_domains=True,
    )
    with warnings.catch_warnings():  # the library that reads file: URLs leaves its file open
        warnings.simplefilter("ignore", ResourceWarning)
        extract.extract_str("example.com")
    return extract
