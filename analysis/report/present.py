"""A report in words: what the layouts of page and mail are filled with.

Room: web. Every text from outside is made visible here; the page's environment escapes it.
"""

import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from analysis.report.canonical import canonical, digest
from analysis.report.grouping import Group, grouped
from analysis.report.model import CERTAINTY, Concern, HostAddress, Kind, Report, ReportedLink
from analysis.report.words import Words
from analysis.text import visible

# So many links are listed one by one; more are grouped by folder, and the list goes beside it.
MOST_LISTED = 50
# Kinds of `providers` of which a reader must know.
_TOLD_KINDS = ("cdn", "shared_hosting", "object_storage")


@dataclass(frozen=True, slots=True)
class Presented:
    """A report with its words. `json` is the canonical text that all of it was made of."""

    report: Report
    words: Words
    json: str

    @property
    def sha256(self) -> str:
        """The digest that stands on the report."""
        return digest(self.json)

    @property
    def is_long(self) -> bool:
        """Tell whether the links are grouped, and listed in a file of their own."""
        return len(self.report.links) > MOST_LISTED

    @property
    def groups(self) -> list[Group]:
        """The links by folder."""
        return grouped(self.report.links)

    @property
    def subject(self) -> str:
        """The subject of a mail."""
        return self.words("reminder_subject" if self.is_reminder else "subject")

    @property
    def heading(self) -> str:
        """The heading of a page."""
        return self.words("reminder_heading" if self.is_reminder else "heading")

    @property
    def is_reminder(self) -> bool:
        """Tell whether this report reminds of an earlier one."""
        return self.report.kind is Kind.REMINDER

    @property
    def checked(self) -> ReportedLink:
        """The link to check first: of those whose body was read whole, the shortest."""
        return min(self.report.links, key=lambda one: (one.sha256 is None, len(one.url), one.url))

    def check_command(self, link: ReportedLink) -> str:
        """Return a command that checks a link and shows no picture."""
        url = shlex.quote(link.url)
        if link.sha256:
            return f"curl -sSL --compressed -- {url} | sha256sum"
        return f"curl -sSL -o /dev/null -w '%{{http_code}} %{{content_type}}\\n' -- {url}"

    def type_of(self, link: ReportedLink) -> str:
        """Return the type of what is served: as its first bytes show, else as it is declared."""
        declared = visible(link.content_type or "")
        if link.media_type is None:
            return declared or self.words("unknown")
        kind = visible(link.media_type)
        same = declared.partition(";")[0].strip().lower() == kind.lower()
        return kind if same or not declared else f"{kind} ({self.words('declared', type=declared)})"

    def size_of(self, link: ReportedLink) -> str:
        """Return the size of what is served."""
        if link.body_bytes is None:
            return self.words("unknown")
        return self.words("bytes", count=link.body_bytes)

    def why(self, link: ReportedLink) -> str:
        """Return what speaks against a link, in a word or two each."""
        said = dict.fromkeys(self.words(f"short.{one}") for one in link.concerns)
        near = "" if not link.distance else f" ({self.words('distance', distance=link.distance)})"
        return ", ".join(said) + near

    def network_of(self, host: HostAddress) -> str:
        """Return whose network an address is in; empty where that was not looked up."""
        number = "" if host.asn is None else f"AS{host.asn}"
        parts = (number, host.organisation or "", host.network or "")
        found = " ".join(visible(part) for part in parts if part)
        name = visible(host.provider or "")
        return f"{name} ({found})" if name and found and name not in found else found or name

    def span(self, first: datetime, last: datetime) -> str:
        """Return from when to when; once where that is one moment."""
        if first == last:
            return clock(first)
        return self.words("from_to", first=clock(first), last=clock(last))

    def note_on(self, host: HostAddress) -> str:
        """Return what a host's kind means for who reads this; empty where it means nothing."""
        return self.words(f"kinds.{host.kind}") if host.kind in _TOLD_KINDS else ""

    def certainty(self, concern: Concern) -> str:
        """Return how certain a concern is, in words."""
        return self.words(f"certainties.{CERTAINTY[concern]}")

    def source(self, name: str) -> str:
        """Return who named an address to write to."""
        try:
            return self.words(f"sources.{name}")
        except KeyError:
            return visible(name)


def present(report: Report) -> Presented:
    """Return a report with the words of its language."""
    words = Words(report.language, {})
    concerns = dict.fromkeys(words(f"short.{one}") for one in report.concerns)
    known: dict[str, Any] = {
        "number": report.number,
        "place": visible(report.place),
        "date": clock(report.dated),
        "reviewed": clock(report.reviewed_at),
        "links": len(report.links),
        "last_seen": clock(report.last_seen_at),
        "sender": report.sender,
        "capacity": words(f"capacities.{report.sender.capacity}"),
        "concerns": ", ".join(concerns),
        "has_health": Concern.MEDICAL in report.concerns,
    }
    if report.reminds_of is not None:
        earlier = report.reminds_of
        known["reminds_of"] = {
            "number": earlier.number,
            "date": clock(earlier.dated),
            "links": earlier.links,
        }
    return Presented(report, Words(report.language, known), canonical(report))


def clock(at: datetime) -> str:
    """Return a moment as a report says it in every language: `2026-03-01 12:00:00 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
