"""A report, as every format is made of it.

Room: records. The field names are those of the JSON format, which docs/reference/report.md tells.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

FORMAT = "stillup-report"
VERSION = 1


class Kind(StrEnum):
    """A first report, or one that reminds of it."""

    REPORT = "report"
    REMINDER = "reminder"


class Ground(StrEnum):
    """The rule that a report appeals to."""

    GDPR17 = "gdpr17"
    DSA16 = "dsa16"
    TAKEITDOWN = "takeitdown"
    TERMS = "terms"


class Capacity(StrEnum):
    """In what capacity the sender writes."""

    AFFECTED = "affected"
    AUTHORISED = "authorised"
    THIRD_PARTY = "third-party"


class Concern(StrEnum):
    """What speaks against a link, as `signal_concerns` and `reportable_links` name it."""

    LISTED_EXACT = "listed_exact"
    LISTED_NEAR = "listed_near"
    LISTED_ALIKE = "listed_alike"
    RECORD = "record"
    MEDICAL = "medical"
    IDENTITY = "identity"
    FINANCIAL = "financial"
    INTIMATE = "intimate"
    MINORS = "minors"
    LETTERS = "letters"
    CONTACT = "contact"
    FOLDER = "folder"
    LISTING = "listing"
    FILE = "file"


class Certainty(StrEnum):
    """How certain it is that a concern is what it says."""

    CERTAIN = "certain"
    LIKELY = "likely"
    INDICATION = "indication"


CERTAINTY = dict.fromkeys(Concern, Certainty.INDICATION) | {
    Concern.LISTED_EXACT: Certainty.CERTAIN,
    Concern.LISTED_NEAR: Certainty.LIKELY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who reports, and where an answer goes."""

    name: str
    mail: str
    capacity: Capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """An address that a report is made out to, and who says that it is the right one."""

    address: str
    scope: str
    source: str
    source_url: str | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostAddress:
    """A host at an IP address: when it answered there, and whose network that is."""

    host: str
    ip: str
    first_at: datetime
    last_at: datetime
    looks: int
    asn: int | None = None
    organisation: str | None = None
    network: str | None = None
    kind: str | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedLink:
    """One link, as it was served at the last look. Hashes are of the body, decoded.

    `served_url` is set where a redirect led elsewhere. `distance` is how many of 256 bits differ from a
    listed picture.
    """

    link_id: int
    url: str
    served_url: str | None
    served_by: str
    ip: str | None
    status: int | None
    content_type: str | None
    media_type: str | None
    body_bytes: int | None
    sha256: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    concerns: tuple[Concern, ...]
    distance: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The report that a reminder reminds of."""

    number: str
    dated: datetime
    links: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a host is sent of one place, in one round.

    `dated` is the later of the review and the last look: a report knows no other clock.
    """

    number: str
    kind: Kind
    reminds_of: Earlier | None
    round: int
    level: str
    place: str
    dated: datetime
    reviewed_at: datetime
    language: str
    ground: Ground
    sender: Sender
    recipients: tuple[Recipient, ...]
    hosts: tuple[HostAddress, ...]
    links: tuple[ReportedLink, ...]

    @property
    def concerns(self) -> dict[Concern, int]:
        """How many links there are of each concern, in the order of `Concern`."""
        found = {one: sum(one in link.concerns for link in self.links) for one in Concern}
        return {one: count for one, count in found.items() if count}

    @property
    def first_seen_at(self) -> datetime:
        """When the first of the links was first seen up."""
        return min(link.first_seen_at for link in self.links)

    @property
    def last_seen_at(self) -> datetime:
        """When the last of the links was last seen up."""
        return max(link.last_seen_at for link in self.links)
