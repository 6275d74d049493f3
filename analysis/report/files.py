"""Writes the files of a report: each whole or not at all, under the report's number.

Room: disk. No text from outside is part of a name.
"""

from collections.abc import Collection
from pathlib import Path

from analysis.report.formats import FORMATS
from analysis.report.model import Report
from analysis.report.present import present
from analysis.whole_file import whole
from crawler.records.errors import disk_failure


def write_files(report: Report, folder: Path, forms: Collection[str]) -> list[Path]:
    """Write a report in formats of FORMATS and return the paths. Raises RunFailed.

    A report whose page refers to the list has the list beside it.
    """
    shown = present(report)
    wanted = [*forms, "csv"] if "html" in forms and shown.is_long else forms
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for form in (name for name in FORMATS if name in wanted):
            for ending, content in FORMATS[form](shown).items():
                target = folder / f"{report.number}{ending}"
                with whole(target) as file:
                    file.write(content)
                written.append(target)
    except OSError as error:
        raise disk_failure(f"cannot write in {folder}", error) from error
    return written


def write_page(content: str, target: Path) -> None:
    """Write one page. Raises RunFailed."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole(target) as file:
            file.write(content.encode("utf-8"))
    except OSError as error:
        raise disk_failure(f"cannot write {target}", error) from error
