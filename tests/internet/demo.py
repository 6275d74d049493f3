"""`make demo`: the main job on real links, against a replay of what the web answered in 2019.

Every step is a command that anybody could type; it is printed before it is run.
"""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from tests.internet import FakeInternet, ReplayOptions

ROOT = Path(__file__).parent.parent.parent
RUN = "data/runs/demo"
SAMPLE = "data/samples/cc3m-validation.tsv.gz"
STILLUP = Path(sys.executable).parent / "stillup"

QUERIES = {
    "Which registered domains lost most of their pictures?": """
select
    registered_domain,
    count(*) as links,
    count(*) filter (where outcome = 'ok') as ok,
    count(*) filter (where outcome = 'gone') as gone,
    count(*) filter (where outcome not in ('ok', 'gone')) as other
from observations
where final
group by registered_domain
having links >= 20
order by ok / links, links desc
limit 8
""",
    "What is served as something else than its name says?": """
select
    lower(regexp_extract(links.url, '[.](jpe?g|png|gif|webp|bmp)([?]|$)', 1, 'i')) as named,
    media_type as served,
    count(*) as links,
    any_value(links.url) as example
from observations join links using (link_id)
where final and outcome = 'ok' and named != ''
    and media_type != 'image/' || replace(named, 'jpg', 'jpeg')
group by named, served
order by links desc
limit 8
""",
    "Which hosts were slowest to answer?": """
select host, count(*) as links, median(ttfb_ms)::int as median_ms, max(ttfb_ms)::int as worst_ms
from observations
where ttfb_ms is not null
group by host
having links >= 10
order by median_ms desc, host
limit 8
""",
}


def main() -> None:
    """Plan, crawl, and ask; end with where to look next."""
    shutil.rmtree(ROOT / RUN, ignore_errors=True)
    (ROOT / RUN).parent.mkdir(parents=True, exist_ok=True)
    say("15,833 real links of Conceptual Captions, planned into 4 shards")
    stillup("plan", RUN, SAMPLE, "--shards", "4")
    say("the crawl, against a replay of what the web answered in January 2019 (on this machine)")
    with FakeInternet([], replay=ReplayOptions(robots="mixed")) as internet:
        stillup("crawl", RUN, *PACE, hidden=internet.flags())
    say("how alive the dataset is")
    stillup("verdicts", RUN)
    for question, query in QUERIES.items():
        say(question)
        stillup("sql", RUN, query.strip())
    say("where to look next")
    print(NEXT)


PACE = (
    "--workers", "4",
    "--contact", "https://example.org/stillup-demo",
    "--policy", "tests/internet/demo-policy.toml",
    "--timeout", "4",
)  # fmt: skip

NEXT = f"""\
  .venv/bin/stillup sql {RUN}          a prompt: .tables, .schema observations
  .venv/bin/stillup status {RUN}       what was planned and done
  {RUN}/run.duckdb                     the same tables for any DuckDB client
  docs/guide/                          how to plan, crawl and ask a dataset of your own
"""


def say(heading: str) -> None:
    """Begin a part of the demo."""
    print(f"\n== {heading}\n", flush=True)


def stillup(*arguments: str, hidden: list[str] | None = None) -> None:
    """Print a command and run it; `hidden` arguments lead it to the fake internet."""
    shown = " ".join(f'"{text}"' if "\n" in text else shlex.quote(text) for text in arguments)
    print(f"$ stillup {shown}{' …' if hidden else ''}\n", flush=True)
    done = subprocess.run([STILLUP, *arguments, *(hidden or [])], cwd=ROOT, check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main()
