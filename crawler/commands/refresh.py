"""`stillup refresh`: newer offline tables, kept for this user.

Room: command line.
"""

import logging
from collections.abc import Callable

import click
import tldextract
from tldextract.cache import DiskCache
from tldextract.suffix_list import SuffixListNotFound, find_first_response

from crawler.domains import keep_list
from crawler.offline.renewal import renew_networks, renew_rdap
from crawler.records.errors import RunFailed
from crawler.records.shown import visible

# Its first and its last line but for comments.
_MARKS = ("// ===BEGIN ICANN DOMAINS===", "// ===END PRIVATE DOMAINS===")


@click.command()
@click.option(
    "--only",
    type=click.Choice(["suffixes", "networks", "rdap"]),
    multiple=True,
    help="Only this table; may be repeated.",
)
@click.option(
    "--mirror",
    metavar="URL",
    help="Take networks and RDAP files from this folder instead of their publishers.",
)
@click.option(
    "--timeout", type=float, default=30.0, show_default=True, metavar="S", help="Seconds a file."
)
def refresh(only: tuple[str, ...], mirror: str | None, timeout: float) -> None:
    """Renew the offline tables: the public suffix list, the networks, the RDAP servers.

    Plans made afterwards use the new list; run.toml says which one a plan used. Networks say in
    `providers` of which day they are. What cannot be renewed stays as it was.

    \b
    stillup refresh
    stillup refresh --only networks
    """  # noqa: D301 - \b is click's
    folder = mirror and mirror.rstrip("/") + "/"
    renewals: dict[str, Callable[[], str]] = {
        "suffixes": lambda: _renew_suffixes(timeout),
        "networks": lambda: renew_networks(folder, timeout),
        "rdap": lambda: renew_rdap(folder, timeout),
    }
    failures = []
    for name, renew in renewals.items():
        try:
            if not only or name in only:
                click.echo(visible(renew()))
        except RunFailed as error:
            failures.append(str(error))
    if failures:
        raise RunFailed("; ".join(failures) + ". What is in use stays; is there a network?")


def _renew_suffixes(timeout_s: float) -> str:
    kept = keep_list(_fetched(timeout_s))
    return f"public suffix list {kept.version} kept as {kept.path}"


def _fetched(timeout_s: float) -> str:
    """Return the list's text from its publisher or a mirror, by tldextract's own means."""
    logging.getLogger("tldextract").setLevel(logging.CRITICAL)  # it logs a traceback a mirror
    urls = tldextract.TLDExtract(cache_dir=None).suffix_list_urls
    try:
        text = find_first_response(DiskCache(None), urls, cache_fetch_timeout=timeout_s)
    except SuffixListNotFound as error:
        tried = ", ".join(urls) or "none"
        raise RunFailed(
            f"no suffix list could be fetched (tried {tried}; TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS"
            " names another mirror)"
        ) from error
    if not all(mark in text for mark in _MARKS):
        raise RunFailed("what was fetched is no public suffix list, or only a part of one")
    return text
