"""From a list to a report, by the real commands over the fake internet, and checked as a desk would."""

import shutil
import subprocess
from pathlib import Path

import pytest

from analysis.report.canonical import parsed
from tests.analysis.report.reports import shown
from tests.conftest import MakeInternet
from tests.internet.host import PictureHost
from tests.runs import crawled, stillup_here

# A real crawl: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow


@pytest.mark.skipif(shutil.which("curl") is None, reason="the desk's own tool is curl")
def test_what_the_report_tells_the_desk_to_run_prints_what_it_says(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """The command on the report, run against the host, prints the digest that stands beside it."""
    host = PictureHost("clinic.test", pictures=5)
    internet = make_internet(host)
    listing, run = tmp_path / "list.tsv", tmp_path / "run"
    rows = [f"{url}\tbiopsy of Ann Roe, {n + 1}.03.2001" for n, url in enumerate(host.urls())]
    listing.write_text("url\tcaption\n" + "\n".join(rows) + "\n", encoding="utf-8")
    assert stillup_here("plan", run, listing).returncode == 0
    crawled(run, internet)
    for arguments in (
        ("review", run, "clinic.test", "--confirm", "--by", "Bea"),
        ("report", run, "--reporter", "Ann", "--reply-to", "ann@example.org"),
    ):
        done = stillup_here(*arguments)
        assert done.returncode == 0, done.stderr
    [written] = (run / "reports").glob("SU-?????-?????.json")
    presented = shown(parsed(written.read_text()))
    assert len(presented.report.links) == 5
    asked = presented.check_command(presented.checked)
    assert asked in next((run / "reports").glob("*.html")).read_text().replace("&#39;", "'")
    port = next(rule for rule in internet.connect_to if rule.startswith(":80:")).rpartition(":")[2]
    there = f"--connect-to ::{presented.report.hosts[0].ip}:{port}"
    ran = subprocess.run(
        ["sh", "-c", asked.replace("curl ", f"curl {there} ", 1)],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert ran.stdout.split()[0] == presented.checked.sha256, ran.stderr
