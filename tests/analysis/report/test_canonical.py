"""The canonical JSON: what stands on every format as a digest is the digest of this file."""

import json
import re
from hashlib import sha256

import pytest
from hypothesis import given

from analysis.report.canonical import canonical, digest, parsed
from analysis.report.formats import FORMATS
from analysis.report.model import Kind, Report
from analysis.report.number import report_number, run_identity
from tests.analysis.report.reports import a_reminder, a_report, hostile_reports, shown


@given(hostile_reports())
def test_a_report_comes_back_as_it_was(report: Report) -> None:
    """What is read back of a canonical JSON is the report, whatever its texts; and it is ASCII."""
    text = canonical(report)
    assert parsed(text) == report
    assert canonical(parsed(text)) == text
    assert text.isascii()


def test_the_digest_is_of_the_file() -> None:
    """The sha256 that page, mail and XARF name is that of the JSON file."""
    presented = shown(a_report())
    [content] = FORMATS["json"](presented).values()
    wanted = sha256(content).hexdigest()
    assert presented.sha256 == wanted == digest(content.decode())
    for form in ("html", "eml", "xarf"):
        written = b"".join(FORMATS[form](presented).values()).replace(b"=\r\n", b"")
        assert wanted.encode() in written


def test_another_version_is_refused() -> None:
    """A JSON of another version is not taken for one of this."""
    text = json.dumps(json.loads(canonical(a_reminder())) | {"version": 2})
    with pytest.raises(ValueError, match="another version"):
        parsed(text)


def test_a_number_tells_reports_apart() -> None:
    """Run, level, place, round and kind each give another number; the same ones give the same."""
    base = (run_identity([("planned_at", "2026")]), "domain", "a.test", 1, Kind.REPORT)
    others = [
        (run_identity([("planned_at", "2027")]), *base[1:]),
        (base[0], "tenant", *base[2:]),
        (*base[:2], "b.test", *base[3:]),
        (*base[:3], 2, Kind.REPORT),
        (*base[:4], Kind.REMINDER),
    ]
    numbers = {report_number(*one) for one in [base, *others]}
    assert len(numbers) == 6
    assert all(
        re.fullmatch(r"SU-[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}", one) for one in numbers
    )
    assert report_number(*base) == report_number(*base)


def test_a_later_round_does_not_change_the_run() -> None:
    """What a run is known by is not its round."""
    facts = [("planned_at", "2026"), ("options.sources", "['a.tsv']")]
    assert run_identity([*facts, ("round", "1")]) == run_identity([*facts, ("round", "7")])
