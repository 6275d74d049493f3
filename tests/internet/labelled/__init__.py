"""Hosts whose links are labelled by construction: what soft-404 detection is measured on.

`placeholders.py`, `pages.py` and `honest.py` make the hosts, `sayings.py` is what they say, and
`measure.py` crawls them for real, `page.py` draws the tables. `python -m tests.internet.labelled` renews the tables of
docs/guide/soft-404.md.
"""

from tests.internet.labelled import honest, pages, placeholders
from tests.internet.labelled.site import Label, LabelledLink, Site

__all__ = ["Label", "LabelledLink", "Site", "labelled_sites"]

_MAKERS = (
    placeholders.welcoming,
    placeholders.removed,
    pages.pages,
    pages.redirects,
    pages.parked,
    honest.repeating,
    honest.odd,
    honest.shared,
    honest.refusing,
)


def labelled_sites() -> list[Site]:
    """Return every labelled host, made anew."""
    return [site for maker in _MAKERS for site in maker()]
