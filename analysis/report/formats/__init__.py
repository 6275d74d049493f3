"""The formats of a report: one file each, and this registry.

Room: web. A format is a function of a presented report to files, by what their names end in.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from analysis.report.formats.mail import mail_files
from analysis.report.formats.page import page_files
from analysis.report.formats.record import record_files
from analysis.report.formats.sheet import sheet_files
from analysis.report.formats.xarf import xarf_files
from analysis.report.present import Presented

Format = Callable[[Presented], Mapping[str, bytes]]

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "html": page_files,
        "xarf": xarf_files,
        "eml": mail_files,
        "csv": sheet_files,
        "json": record_files,
    }
)
