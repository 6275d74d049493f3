"""The security.txt of a host, asked for as a visit would.

Room: network. What the file says is read in `security_txt.py`.
"""

from datetime import datetime

from crawler.contacts.getting import Getter, Trouble
from crawler.contacts.security_txt import SECURITY_BYTES, read_security_txt
from crawler.records import ParsedUrl
from crawler.records.contact import Contact, Scope, Source
from crawler.urls import parse_url

# RFC 9116, 3: the second place is where it lay before there was a standard.
_PATHS = ("/.well-known/security.txt", "/security.txt")


class SecurityReader:
    """Reads security.txt; `now` is the moment that files must not have expired at, UTC."""

    def __init__(self, getter: Getter, now: datetime) -> None:
        self._getter = getter
        self._now = now

    async def contacts(self, host: str) -> tuple[Contact, ...] | Trouble:
        """Return the contacts that a host's file names, or one row that says why there are none."""
        why = "a host that https cannot name"
        for path in _PATHS:
            url = parse_url(f"https://{f'[{host}]' if ':' in host else host}{path}")
            if not isinstance(url, ParsedUrl):
                break
            got = await self._getter.get(url, SECURITY_BYTES + 1, robots=True)
            if isinstance(got, Trouble):
                if got.is_passing:
                    return got
                why = got.why
                if not why.startswith("status"):
                    break  # the other place is at the same server
                continue
            if not got.content_type.lower().startswith("text/plain"):
                why = "what is there is no plain text"
                continue
            read = read_security_txt(got.body, (url.wire_url, got.url), self._now)
            if read.refused is None:
                return tuple(self._contact(host, got.url, address) for address in read.contacts)
            why = read.refused
        return (self._contact(host, None, None, why),)

    def _contact(
        self, host: str, url: str | None, address: str | None, note: str | None = None
    ) -> Contact:
        return Contact(
            scope=Scope.DOMAIN,
            source=Source.SECURITY_TXT,
            subject=host,
            about=host,
            address=address,
            source_url=url,
            seen_at=self._now,
            asked_at=self._now,
            note=note,
        )
