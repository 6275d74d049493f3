"""The report as XARF 4.2 (`content/exposed_data`), as JSON and as an X-ARF mail.

Room: web. XARF has one URL a report; ours is of one incident, so `url` is the first address and
the evidence is the list of all. See docs/decisions/0078.
"""

import base64
import json
import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

from analysis.report.canonical import moment
from analysis.report.formats.letter import letter
from analysis.report.formats.mail import Attachment, mail
from analysis.report.formats.sheet import sheet
from analysis.report.mailbox import domain_of
from analysis.report.model import CERTAINTY, Certainty, Concern, Report, ReportedLink
from analysis.report.present import Presented
from analysis.text import visible
from crawler.records.shown import shortened

VERSION = "4.2.0"
_LONGEST_DESCRIPTION, _LONGEST_NAME = 1000, 200
_EVIDENCE_BYTES = 5 * 1024 * 1024
_MOST_EVIDENCE = 50
# The pattern of `domain` in content-base.json; it knows no A-labels.
_DOMAIN = re.compile(r"([a-z0-9]+(-[a-z0-9]+)*\.)+[a-z]{2,}")
_ORIGIN = re.compile(r"([a-z]+://[^/?#]*)(.*)", re.DOTALL)
_NOT_IN_URI = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~:/?@!$&'()*+,;=%]")
_DATA_TYPES = {
    Concern.MEDICAL: "medical",
    Concern.IDENTITY: "government_id",
    Concern.FINANCIAL: "financial",
    Concern.CONTACT: "email_addresses",
}
_PORTS = {"http": 80, "https": 443}


def xarf_files(shown: Presented) -> dict[str, bytes]:
    """Return the XARF report and the mail that carries it."""
    content = (json.dumps(xarf(shown), indent=2) + "\n").encode("ascii")
    attached = Attachment("xarf.json", "application/json", content)
    headers = {"X-XARF": "PLAIN", "Auto-Submitted": "auto-generated"}
    text = letter(shown, [attached.name], attached.name)
    body = mail(shown, text, [attached], headers, "xarf")
    return {".xarf.json": content, ".xarf.eml": body}


def xarf(shown: Presented) -> dict[str, Any]:
    """Return a report as an object of XARF's type `content/exposed_data`."""
    report = shown.report
    first = shown.checked
    sender = {
        "org": shortened(visible(report.sender.name), _LONGEST_NAME),
        "contact": report.sender.mail,
        "domain": domain_of(report.sender.mail),
    }
    found: dict[str, Any] = {
        "xarf_version": VERSION,
        "report_id": str(UUID(bytes=bytes.fromhex(shown.sha256)[:16], version=4)),
        "timestamp": moment(report.last_seen_at),
        "reporter": sender,
        "sender": sender,
        "source_identifier": first.ip or first.served_by,
        "category": "content",
        "type": "exposed_data",
        "url": uri(first.url),
        "data_types": _data_types(report),
        "exposure_method": _exposure(report),
        "record_count": len(report.links),
        "data_format": "other",
        "encryption_status": "unencrypted",
        "accessibility": "public",
        "discovery_source": "automated_scan",
        "verified_at": moment(report.last_seen_at),
        "verification_method": "automated_crawler",
        "attack_vector": "data_leak",
        "evidence_source": "crawler",
        "description": _description(shown),
        "tags": list(_tags(shown)),
        "evidence": list(_evidence(report)),
        # Beyond the schema, which allows it: what ties the forms of a report together.
        "report_number": report.number,
        "report_sha256": shown.sha256,
    }
    return found | _known(report, first)


def uri(url: str) -> str:
    """Return a URL as RFC 3986 spells it; the URL standard leaves some characters as they are.

    It is of a request, so it has no fragment.
    """
    origin, rest = _ORIGIN.fullmatch(url).groups()  # type: ignore[union-attr]
    return origin + _NOT_IN_URI.sub(lambda found: quote(found[0], safe=""), rest)


def _data_types(report: Report) -> list[str]:
    found = [_DATA_TYPES[one] for one in report.concerns if one in _DATA_TYPES]
    return ["personal_information", *dict.fromkeys(found)]


def _exposure(report: Report) -> str:
    if Concern.LISTING in report.concerns:
        return "open_directory"
    stored = any(host.kind == "object_storage" for host in report.hosts)
    return "cloud_storage" if stored else "other"


def _description(shown: Presented) -> str:
    rule = shown.words(f"rules.{shown.report.ground}")
    concerns = ", ".join(shown.words(f"short.{one}") for one in shown.report.concerns)
    said = f"{shown.heading} ({concerns}). {rule}. {shown.words('number')} {shown.report.number}."
    return shortened(said, _LONGEST_DESCRIPTION)


def _tags(shown: Presented) -> Iterator[str]:
    """Yield the tags. How certain it is stands here, as XARF's `confidence` would need a figure (0120)."""
    report = shown.report
    found = {CERTAINTY[one] for one in report.concerns}
    yield "stillup:report"
    yield f"ground:{report.ground}"
    yield from (f"certainty:{one}" for one in Certainty if one in found)
    if shown.is_reminder:
        yield "report:reminder"


def _port(url: str) -> int | None:
    """Return the port that a URL leads to."""
    try:
        parts = urlsplit(url)
        return parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None


def _known(report: Report, first: ReportedLink) -> dict[str, Any]:
    """Return the fields that are left out where they are not known, or would not be valid."""
    known: dict[str, Any] = {}
    host = first.served_by
    if (port := _port(first.served_url or first.url)) is not None:
        known["source_port"] = port
    if len(host) <= 253 and _DOMAIN.fullmatch(host):
        known["domain"] = host
    provider = next((one for one in report.hosts if one.host == host and one.asn), None)
    if provider is not None:
        known["asn"] = provider.asn
        known["hosting_provider"] = visible(provider.provider or provider.organisation or "")
    return known


def _evidence(report: Report) -> Iterator[dict[str, Any]]:
    """Yield the list of links, in parts no larger than XARF allows, each with the header."""
    header, *rows = (row.encode() for row in sheet(report).splitlines(keepends=True))
    parts: list[list[bytes]] = [[header]]
    size = len(header)
    for row in rows:
        if size + len(row) > _EVIDENCE_BYTES:
            parts.append([header])
            size = len(header)
        parts[-1].append(row)
        size += len(row)
    for number, part in enumerate(parts[:_MOST_EVIDENCE], start=1):
        content = b"".join(part)
        yield {
            "content_type": "text/csv",
            "description": f"Addresses, as served; no picture ({number} of {len(parts)})",
            "payload": base64.b64encode(content).decode("ascii"),
            "hash": f"sha256:{sha256(content).hexdigest()}",
            "size": len(content),
        }
