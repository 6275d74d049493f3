"""`stillup refresh`: newer offline tables, kept for this user.

Room: command line.
"""

import logging

import click
import tldextract
from tldextract.cache import DiskCache
from tldextract.suffix_list import SuffixListNotFound, find_first_response

from crawler.domains import keep_list
from crawler.records.errors import RunFailed


@click.command()
@click.option(
    "--timeout", type=float, default=30.0, show_default=True, metavar="S", help="Seconds."
)
def refresh(timeout: float) -> None:
    """Renew the offline tables: as yet the public suffix list.

    Plans made afterwards use the new list; run.toml says which one a plan used.

    \b
    stillup refresh
    """  # noqa: D301 - \b is click's
    kept = keep_list(_fetched(timeout))
    click.echo(f"public suffix list {kept.version} kept as {kept.path}")


def _fetched(timeout_s: float) -> str:
    """Return the list's text from its publisher or a mirror, by tldextract's own means."""
    logging.getLogger("tldextract").setLevel(logging.CRITICAL)  # it logs a traceback a mirror
    urls = tldextract.TLDExtract(cache_dir=None).suffix_list_urls
    try:
        text = find_first_response(DiskCache(None), urls, cache_fetch_timeout=timeout_s)
    except SuffixListNotFound as error:
        tried = ", ".join(urls) or "none"
        raise RunFailed(
            f"no suffix list could be fetched (tried {tried}); the one in use stays. Is there a"
            " network? TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS names another mirror"
        ) from error
    if "// ===BEGIN ICANN DOMAINS===" not in text:
        raise RunFailed("what was fetched is no public suffix list; the one in use stays")
    return text
