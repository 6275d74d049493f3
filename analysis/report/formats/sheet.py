"""The links of a report as CSV, one a row, which no spreadsheet takes for a formula.

Room: web.
"""

import csv
import io

from analysis.report.canonical import moment
from analysis.report.model import Report, ReportedLink
from analysis.report.present import Presented
from analysis.text import sheet_cell, visible

COLUMNS = (
    "report", "link_id", "url", "served_url", "served_by", "ip", "status", "content_type",
    "media_type", "body_bytes", "sha256", "first_seen_at", "last_seen_at", "concerns", "distance",
)  # fmt: skip


def sheet_files(shown: Presented) -> dict[str, bytes]:
    """Return the CSV file: UTF-8, comma, a header, lines ended as RFC 4180 says."""
    return {".csv": sheet(shown.report).encode("utf-8")}


def sheet(report: Report) -> str:
    """Return the links of a report as the text of a CSV file."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    rows.writerows(_row(report, link) for link in report.links)
    return text.getvalue()


def _row(report: Report, link: ReportedLink) -> list[object]:
    seen = moment(link.first_seen_at), moment(link.last_seen_at)
    values = [
        report.number, link.link_id, link.url, link.served_url, link.served_by, link.ip, link.status,
        link.content_type, link.media_type, link.body_bytes, link.sha256, *seen,
        " ".join(link.concerns), link.distance,
    ]  # fmt: skip
    return [sheet_cell(visible(value)) if isinstance(value, str) else value for value in values]
