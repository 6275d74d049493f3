"""The report as JSON: its canonical text, which every other format was made of.

Room: web.
"""

from analysis.report.present import Presented


def record_files(shown: Presented) -> dict[str, bytes]:
    """Return the JSON file, whose sha256 stands on the report."""
    return {".json": shown.json.encode("ascii")}
