"""A security.txt, read as RFC 9116 says: whom to write to, or why nobody.

Room: pure rules. The file is a stranger's: of a signed one only what the signature's frame holds is
read; the signature itself is not checked, as nobody has told us whose key it would have to be.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from crawler.contacts.addresses import contact_address

SECURITY_BYTES = 32 * 1024  # RFC 9116, 5.4
MOST_CONTACTS = 10

_FIELD = re.compile(r"([A-Za-z][A-Za-z-]*):(.*)")
_BEGIN, _SIGNATURE = "-----BEGIN PGP SIGNED MESSAGE-----", "-----BEGIN PGP SIGNATURE-----"
_LINE_END = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class SecurityTxt:
    """The contacts of a file, in its order of preference. `refused` is why there are none."""

    contacts: tuple[str, ...] = ()
    refused: str | None = None


def read_security_txt(body: bytes, urls: tuple[str, ...], now: datetime) -> SecurityTxt:
    """Read a file that was found under `urls` (what was asked for, and what answered).

    A file that has expired, or that names other URLs as its own, counts as none.
    """
    if len(body) > SECURITY_BYTES:
        return SecurityTxt(refused="it is larger than 32 KiB")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return SecurityTxt(refused="it is not UTF-8")
    fields = _fields(_signed(_LINE_END.split(text)))
    if (why := _why_not(fields, urls, now)) is not None:
        return SecurityTxt(refused=why)
    found = (contact_address(text) for text in fields.get("contact", []))
    contacts = tuple(dict.fromkeys(address for address in found if address is not None))
    if not contacts:
        return SecurityTxt(refused="it names no mailbox and no form")
    return SecurityTxt(contacts[:MOST_CONTACTS])


def _why_not(fields: dict[str, list[str]], urls: tuple[str, ...], now: datetime) -> str | None:
    """Return why the fields of a file are not to be used."""
    if not fields:
        return "it is no security.txt"
    canonical = fields.get("canonical", [])
    if canonical and not set(canonical) & set(urls):
        return "it says that it belongs to another address"
    return _stale(fields.get("expires", []), now)


def _signed(lines: list[str]) -> list[str]:
    """Return the lines within the frame of a signature, or all where there is none (RFC 9580, 7)."""
    if _BEGIN not in lines:
        return lines
    rest = lines[lines.index(_BEGIN) + 1 :]
    if "" not in rest or _SIGNATURE not in rest:
        return []
    # Until the first empty line there are the headers of the frame.
    return [line.removeprefix("- ") for line in rest[rest.index("") + 1 : rest.index(_SIGNATURE)]]


def _fields(lines: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in lines:
        if not line.startswith("#") and (field := _FIELD.fullmatch(line)):
            found.setdefault(field[1].lower(), []).append(field[2].strip(" \t"))
    return found


def _stale(expires: list[str], now: datetime) -> str | None:
    """Return why a file is too old. One that does not say is not: many older ones do not."""
    for text in expires:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return "it does not say clearly until when it holds"
        if (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) <= now:
            return "it has expired"
    return None
