"""The report as a mail that is ready to be opened and sent; stillup sends nothing itself.

Room: web. Plain text first and the forms of the report as named attachments; no picture, no
link that loads anything, no request for a receipt. The boundary is made of the number, so that the
bytes are the same each time.
"""

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from types import MappingProxyType

from analysis.report.formats.letter import letter
from analysis.report.formats.page import page
from analysis.report.formats.sheet import sheet
from analysis.report.mailbox import domain_of
from analysis.report.model import Report
from analysis.report.present import Presented
from analysis.text import visible

# Abuse mailboxes commonly take ten megabytes, and Base64 makes four bytes of three.
MOST_BYTES = 6_000_000
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a mail: its name, its media type and its bytes."""

    name: str
    media_type: str
    content: bytes


def mail_files(shown: Presented) -> dict[str, bytes]:
    """Return the mail with the page, the list and the JSON attached. Outlook opens it as a draft."""
    attached = attachments(shown)
    names = [one.name for one in attached]
    text = letter(shown, names, listed=names[1])
    return {".eml": mail(shown, text, attached, {"X-Unsent": "1"}, "mail")}


def attachments(shown: Presented) -> list[Attachment]:
    """Return the forms of a report that a mail carries: the page, then the list, packed if very long.

    The JSON, which says no more than the list and the page, is left out where it makes a mail too large.
    """
    number, listed = shown.report.number, sheet(shown.report).encode()
    found = [Attachment(f"{number}.html", "text/html", page(shown).encode())]
    if len(listed) > MOST_BYTES:
        packed = gzip.compress(listed, mtime=0)
        found.append(Attachment(f"{number}.csv.gz", "application/gzip", packed))
    else:
        found.append(Attachment(f"{number}.csv", "text/csv", listed))
    if sum(len(one.content) for one in found) + len(shown.json) <= MOST_BYTES:
        found.append(Attachment(f"{number}.json", "application/json", shown.json.encode()))
    return found


def mail(
    shown: Presented,
    text: str,
    attached: Sequence[Attachment],
    headers: Mapping[str, str] = _NOTHING,
    form: str = "mail",
) -> bytes:
    """Return a mail of a report: plain text, then attachments."""
    report = shown.report
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(visible(report.sender.name), addr_spec=report.sender.mail)
    message["To"] = [Address(addr_spec=one.address) for one in report.recipients]
    message["Subject"] = shown.subject
    message["Date"] = report.dated
    message["Message-ID"] = _message_id(report, report.number, form)
    if report.reminds_of is not None:
        message["In-Reply-To"] = _message_id(report, report.reminds_of.number, form)
        message["References"] = message["In-Reply-To"]
    for name, value in headers.items():
        message[name] = value
    message.set_content(text, cte="quoted-printable")
    for one in attached:
        kind, _, subkind = one.media_type.partition("/")
        message.add_attachment(one.content, kind, subkind, filename=one.name)
    message["Content-Language"] = report.language
    if attached:
        message.set_boundary(f"=_{report.number}_{shown.sha256[:16]}_{form}")
    return message.as_bytes()


def _message_id(report: Report, number: str, form: str) -> str:
    return f"<{number}.{form}@{domain_of(report.sender.mail)}>"
