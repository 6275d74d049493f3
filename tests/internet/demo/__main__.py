"""`make demo`, from the list to the survival curve.

Room: command line.
"""

import os
import shutil

from tests.internet import FakeInternet, ReplayOptions
from tests.internet.demo.afterwards import look_again
from tests.internet.demo.first_look import first_look
from tests.internet.demo.reported import SHOWN, report_what_leaks
from tests.internet.demo.saying import ROOT, Stage, say, stillup
from tests.internet.planted.inputs import write_inputs
from tests.internet.planted.sites import LIST, planted_hosts, registry
from tests.runs import ask

RUN = "data/runs/demo"
INPUTS = "data/runs/demo-inputs"
SAMPLE = "data/samples/cc3m-validation.tsv.gz"
PACE = (
    "--workers", "4",
    "--contact", "https://example.org/stillup-demo",
    "--policy", "tests/internet/demo-policy.toml",
    "--timeout", "4",
)  # fmt: skip

NEXT = {
    "{report}": f"the report on {SHOWN}, for a browser",
    f".venv/bin/stillup sql {RUN}": "a prompt: .tables, .schema observations",
    f".venv/bin/stillup serve {RUN} --by YOU": "the same review in a browser",
    f"{RUN}/run.duckdb": "the same tables for any DuckDB client",
    "docs/guide/": "how to plan, crawl and ask a dataset of your own",
}


def main() -> None:
    """Plan, look, report, look again; end with where to look next."""
    for folder in (RUN, INPUTS):
        shutil.rmtree(ROOT / folder, ignore_errors=True)
    (ROOT / INPUTS).mkdir(parents=True)
    say("15,833 real links of Conceptual Captions, and 63 of sites that nobody has, in 4 shards")
    stillup("plan", RUN, SAMPLE, str(LIST.relative_to(ROOT)), "--shards", "4")
    with FakeInternet(planted_hosts(), replay=ReplayOptions(robots="mixed")) as internet:
        addresses = internet.place.addresses
        internet.change(registry(addresses))
        stage = Stage(RUN, internet, write_inputs(ROOT / INPUTS, addresses), PACE)
        os.environ["XDG_CACHE_HOME"] = str(stage.inputs.cache)  # whose the sites' addresses are
        first_look(stage)
        report_what_leaks(stage)
        look_again(stage)
    say("where to look next")
    [(number,)] = ask(ROOT / RUN, f"select report_number from reports where place = '{SHOWN}'")
    for where, what in NEXT.items():
        print(f"  {where.format(report=f'{RUN}/reports/{number}.html'):<48} {what}")


if __name__ == "__main__":
    main()
