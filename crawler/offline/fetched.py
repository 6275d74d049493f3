"""Files that `stillup refresh` takes from their publishers.

Room: network. These are the few servers that a person names by calling the command, not strangers of
a dataset; so the system's own resolver and proxy settings hold.
"""

import urllib.request
from http.client import HTTPException
from importlib.metadata import version

from crawler.records.errors import RunFailed

_MOST_BYTES = 256 * 1024 * 1024


def fetched(url: str, timeout_s: float) -> bytes:
    """Return what lies at an http or https URL. Raises RunFailed."""
    if not url.startswith(("https://", "http://")):
        raise RunFailed(f"{url} is no http or https URL")
    agent = {"User-Agent": f"stillup/{version('stillup')}"}
    asked = urllib.request.Request(url, headers=agent)  # noqa: S310  (http and https only)
    try:
        with urllib.request.urlopen(asked, timeout=timeout_s) as answer:  # noqa: S310
            content: bytes = answer.read(_MOST_BYTES + 1)
            missing = answer.length or 0  # http.client says nothing of an answer that ends early
    except (OSError, HTTPException, ValueError) as error:
        cause = getattr(error, "reason", None) or error
        raise RunFailed(f"{url} could not be fetched ({cause})") from error
    if len(content) > _MOST_BYTES:
        raise RunFailed(f"{url} is larger than {_MOST_BYTES // 1024**2} MiB")
    if missing:
        raise RunFailed(f"{url} came only in part, {missing:,} bytes are missing")
    return content
