"""The second part of the demo: from what was seen to reports that hosts are sent.

Room: processes.
"""

from datetime import UTC, datetime
from functools import partial

from analysis.actions import append
from analysis.deciding import decided
from analysis.derive import derive
from analysis.review import TERMS, read_case
from analysis.runfile import read_run
from analysis.session import Session, ask
from crawler.records import Review
from crawler.records.action import Decision
from tests.internet.demo.saying import Stage, named, say, stillup
from tests.internet.planted.sites import LOOKS_SO, planted_sites

WHO = "A. Roe"
SENDER = ("--reporter", WHO, "--reply-to", "roe@example.org")
_WHY_NOT = "plates of an atlas of 1902"
SHOWN = "northgate-clinic.example"


def report_what_leaks(stage: Stage) -> None:
    """Find the planted sites, decide on them, ask whom to write to, and write the reports."""
    say("people have sent the hashes of their own pictures: who serves these?")
    stillup("match", stage.run, named(stage.inputs.hashes))
    say("which domains serve what should not be there, worst first")
    stillup("findings", stage.run, "--top", "12")
    say("a person looks at each before anything is written; here at one of them")
    stillup("review", stage.run, SHOWN)
    stillup(
        "review", stage.run, SHOWN, "--confirm", "--by", WHO, "--note", "photographs of patients"
    )
    review_the_others(stage)
    say("whom to write to: security.txt, the registry of the network, else abuse@")
    stillup(
        "contacts", stage.run, "--contact", "https://example.org/stillup-demo",
        "--rdap-bootstrap", named(stage.inputs.bootstrap),
        hidden=stage.internet.flags(),
    )  # fmt: skip
    say("a report for each of them; nothing is sent")
    stillup("report", stage.run, *SENDER, "--format", "html", "--format", "eml")


def review_the_others(stage: Stage) -> None:
    """Decide on the other sites as the same command would, in one go."""
    facts = read_run(stage.path)
    derive(facts)
    places = [site.name for site in planted_sites() if site.name != SHOWN]
    append(stage.path, ask(facts, partial(_decisions, places), TERMS))
    print(
        f"{len(places) - 1} more confirmed by {WHO} likewise; {LOOKS_SO}, further down, is dismissed: {_WHY_NOT}"
    )


def _decisions(places: list[str], session: Session) -> list[Review]:
    now = datetime.now(UTC)
    return [
        decided(
            read_case(session, place).explained.finding,
            1,
            Decision.DISMISS if place == LOOKS_SO else Decision.CONFIRM,
            WHO,
            _WHY_NOT if place == LOOKS_SO else None,
            now,
        )
        for place in places
    ]
