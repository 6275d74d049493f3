"""A dozen planted leak sites, reported: half of them comply, one comes back, and time goes by.

Run it: `python -m tests.internet.aftermath`. It stands alone until `make demo` goes this far: what
`stillup report` will do is one action that is written down here. A crawl has no clock to be told, so
the days are made by moving the run's times back (`tests/ageing.py`).
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from analysis.actions import append
from analysis.runfile import read_run
from analysis.session import Terms, ask
from crawler.records import WrittenReport
from tests.ageing import let_days_pass
from tests.internet.host import Host, PictureHost, TakenDown, Vanished
from tests.internet.internet import FakeInternet
from tests.runs import QUICK_POLICY, STILLUP

ROOT = Path(__file__).parent.parent.parent
RUN = "data/runs/aftermath"
NAMES = ("clinic", "records", "scans", "passports", "backup", "ward", "intake", "archive", "photos",
         "cases", "uploads", "desk")  # fmt: skip


def leak_sites() -> list[PictureHost]:
    """Return twelve sites under names that nobody can have (RFC 2606), with three to eight pictures."""
    suffixes = ("example", "test")
    return [
        PictureHost(f"{name}.leak.{suffixes[at % 2]}", pictures=3 + at % 6)
        for at, name in enumerate(NAMES)
    ]


def complied(sites: Sequence[Host]) -> list[Host]:
    """Return half of the sites as they are once their operators have acted, each in its way."""
    half = sites[: len(sites) // 2]
    return [
        Vanished(*site.names) if at % 3 == 2 else TakenDown(site, status=(410, 404)[at % 3])
        for at, site in enumerate(half)
    ]


def report_all(run: Path) -> None:
    """Write down that every site of a run was reported, as `stillup report` does."""
    query = (
        "select host, array_agg(link_id order by link_id) from links group by host order by host"
    )
    found = ask(
        read_run(run),
        lambda session: session.connection.execute(query).fetchall(),
        Terms(tables=("links",)),
    )
    for number, (host, link_ids) in enumerate(found, start=1):
        text = f"{host} {link_ids}"
        written = WrittenReport(
            report_number=f"SU-{number}",
            written_at=datetime.now(UTC),
            round=1,
            level="domain",
            place=host,
            ground="dsa16",
            language="en",
            reporter="the demo",
            sent_to=(f"abuse@{host}",),
            link_ids=tuple(link_ids),
            sha256=sha256(text.encode()).hexdigest(),
            content=text,
        )
        append(run, [written])


def main() -> None:
    """Crawl, report, and look again as the days go by; end with the curve."""
    run = ROOT / RUN
    shutil.rmtree(run, ignore_errors=True)
    run.parent.mkdir(parents=True, exist_ok=True)
    sites = leak_sites()
    listing = run.parent / "aftermath.txt"
    listing.write_text("".join(f"{url}\n" for site in sites for url in site.urls()))
    say("a dozen sites that leak")
    stillup("plan", RUN, str(listing.relative_to(ROOT)))
    (run / "policy.toml").write_text(QUICK_POLICY)
    early, late = complied(sites)[:2], complied(sites)[2:]
    with FakeInternet(sites) as internet:
        crawl = ("crawl", RUN, "--contact", "https://example.org/stillup-demo",
                 "--policy", f"{RUN}/policy.toml")  # fmt: skip
        stillup(*crawl, hidden=internet.flags())
        report_all(run)
        for days, told, changes in (
            (1.0, "a day goes by, and two sites have complied", early),
            (2.0, "two more days, and half of them have", late),
            (4.0, "the seventh day: the first of them has it up again", sites[:1]),
        ):
            internet.change(*changes)
            let_days_pass(run, days)
            say(told)
            stillup("recheck", RUN)
            stillup(*crawl, hidden=internet.flags())
    say("what became of it")
    stillup("takedowns", RUN)


def say(heading: str) -> None:
    """Begin a part."""
    print(f"\n== {heading}\n", flush=True)


def stillup(*arguments: str, hidden: Sequence[str] = ()) -> None:
    """Print a command and run it; `hidden` arguments lead it to the fake internet."""
    print(f"$ stillup {' '.join(arguments)}{' …' if hidden else ''}\n", flush=True)
    done = subprocess.run([*STILLUP, *arguments, *hidden], cwd=ROOT, check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main()
