"""Reports for tests: ordinary ones, and ones whose every word comes from somebody hostile."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from analysis.report.canonical import canonical, parsed
from analysis.report.model import (
    Capacity,
    Concern,
    Earlier,
    Ground,
    HostAddress,
    Kind,
    Recipient,
    Report,
    ReportedLink,
    Sender,
)
from analysis.report.present import Presented, present
from analysis.report.words import LANGUAGES
from tests.analysis.runs import START

HOSTILE = [
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://evil.test","x")',
    "+1+cmd|' /C calc'!A0",
    "\u202egpj.exe\u202c \u200f\u2066",
    "\x1b[31mred\x00\r\nBcc: all@evil.test\r\n\r\n",
    "{{ 7 * 7 }}{% raw %}",
    "half \ud83d of it",
    "l" * 300,
]


def reported_link(number: int = 1, **columns: Any) -> ReportedLink:
    """Return a link of a report."""
    values: dict[str, Any] = {
        "link_id": number,
        "url": f"http://leak.test/patients/{number}.jpg",
        "served_url": None,
        "served_by": "leak.test",
        "ip": "192.0.2.1",
        "status": 200,
        "content_type": "image/jpeg",
        "media_type": "image/jpeg",
        "body_bytes": 20_480,
        "sha256": f"{number:064x}",
        "first_seen_at": START,
        "last_seen_at": START + timedelta(days=3),
        "concerns": (Concern.RECORD, Concern.MEDICAL),
    }
    return ReportedLink(**values | columns)


def a_report(**columns: Any) -> Report:
    """Return a report as it is after it was written down, of three links."""
    host = HostAddress(
        host="leak.test", ip="192.0.2.1", first_at=START, last_at=START + timedelta(days=3), looks=6
    )
    values: dict[str, Any] = {
        "number": "SU-7K3Q9-D2MXA",
        "kind": Kind.REPORT,
        "reminds_of": None,
        "round": 1,
        "level": "domain",
        "place": "leak.test",
        "dated": START + timedelta(days=4),
        "reviewed_at": START + timedelta(days=4),
        "language": "en",
        "ground": Ground.DSA16,
        "sender": Sender(name="Ann Müller", mail="ann@example.org", capacity=Capacity.THIRD_PARTY),
        "recipients": (Recipient(address="abuse@leak.test", scope="domain", source="rdap"),),
        "hosts": (host,),
        "links": tuple(reported_link(number) for number in (1, 2, 3)),
    }
    return parsed(canonical(Report(**values | columns)))


def shown(report: Report) -> Presented:
    """Return a report with its words."""
    return present(report)


def a_reminder() -> Report:
    """Return a reminder of an earlier report."""
    earlier = Earlier(number="SU-00000-00001", dated=datetime(2026, 2, 1, tzinfo=UTC), links=9)
    return a_report(kind=Kind.REMINDER, reminds_of=earlier)


_TEXT = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))
_PATHS = st.text("abc/?#%'|{}[]^`=&;-+@!$(),~ \u202e<>\"\\é", max_size=60)
_HOSTS = st.sampled_from(
    [
        "leak.test",
        "a_b.leak.test",
        "xn--e1afmkfd.xn--p1ai",
        "192.0.2.7",
        "[2001:db8::1]",
        "l" * 300 + ".test",
    ]
)


@st.composite
def hostile_reports(draw: st.DrawFn) -> Report:
    """Draw reports in which whatever a stranger could have written is hostile."""
    host = draw(_HOSTS)
    link = reported_link(
        url=f"http://{host}/{draw(_PATHS)}",
        served_url=draw(st.none() | _PATHS.map(lambda path: f"https://{host}/{path}")),
        served_by=host.strip("[]"),
        content_type=draw(st.none() | _TEXT),
        media_type=draw(st.none() | st.just("image/png")),
        sha256=draw(st.none() | st.just("ab" * 32)),
        concerns=tuple(draw(st.lists(st.sampled_from(Concern), min_size=1, unique=True))),
        distance=draw(st.none() | st.integers(0, 31)),
    )
    address = HostAddress(
        host=host, ip="192.0.2.1", first_at=START, last_at=START, looks=1, asn=64500,
        organisation=draw(_TEXT), network=draw(_TEXT), kind=draw(_TEXT), provider=draw(_TEXT),
    )  # fmt: skip
    recipient = Recipient(
        address="abuse@leak.test", scope="network", source=draw(_TEXT), source_url=draw(_TEXT)
    )
    return replace(
        a_report(),
        place=draw(_TEXT.filter(bool)),
        language=draw(st.sampled_from(LANGUAGES)),
        ground=draw(st.sampled_from(Ground)),
        hosts=(address,),
        recipients=(recipient,),
        links=(link,),
    )
