"""The last part of the demo: half of the sites comply, and the run is looked at again.

Room: processes. A crawl has no clock to be told, so the days are made by moving the run's times back.
"""

from tests.ageing import let_days_pass
from tests.internet.demo.saying import Stage, say, stillup
from tests.internet.planted.sites import complied, planted_sites


def look_again(stage: Stage) -> None:
    """Let days go by and sites comply, look again each time, and draw what became of the reports."""
    sites = planted_sites()
    quick, slow = complied(sites)
    for days, told, changes in (
        (1.0, "a day goes by, and four sites have complied", quick),
        (2.0, "two more days, and half of them have; one has it up again", [*slow, sites[0]]),
    ):
        stage.internet.change(*changes)
        let_days_pass(stage.path, days)
        say(told)
        stillup("recheck", stage.run, "--because", "reported")
        stage.crawl()
    say("what became of the reports")
    stillup("takedowns", stage.run)
