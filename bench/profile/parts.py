"""Which part of stillup a sampled stack belongs to.

Room: pure rules. A stack is one line of py-spy's raw form: frames from the outermost to the
innermost, each `function (file:line)`, joined by semicolons, and then how often it was seen.
"""

import re
from collections import Counter
from collections.abc import Iterable

_FRAME = re.compile(r"\((?P<file>[^()]*?)(?::\d+)?\)$")
# The innermost frame that one of these knows decides; so a part is named before what calls it.
PARTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (part, re.compile(pattern))
    for part, pattern in (
        ("fingerprints: decode, PDQ, flags", r"^pictures/(?!process|exchange)"),
        ("pictures to and from their process", r"^pictures/|multiprocessing/"),
        (
            "names: look-ups, memory, foresight",
            r"^crawler/(visit/(dns|look_up|name_server|foresight)|dns_|name|opinions|system_name)",
        ),
        ("connections, TLS, address guard", r"^crawler/(visit/connect|guard)|/ssl\.py$"),
        ("HTTP: requests, answers", r"^crawler/visit/(wire|ask|fetch|under_way|clock|outside)"),
        ("bodies: decode and hash", r"^crawler/(visit/(body|codings)|media)"),
        (
            "robots.txt and opt-out",
            r"^crawler/(robots|opt_out|tdm|visit/(robots|files|kept))|/protego",
        ),
        ("nonsense, doubt", r"^crawler/(nonsense|doubt|earlier|visit/(canary|doubt))"),
        (
            "politeness: turns, paces, hosts, places",
            (
                r"^crawler/(politeness|turns|paces|frontier|places|host_work|neighbours|notices|holding|lease|leasing"
                r"|visit/(host_state|hosts|reservations|others))"
            ),
        ),
        (
            "what was seen: outcomes, rows",
            r"^crawler/(outcomes|redirects|urls|records|visit/(look|observe|failures))",
        ),
        (
            "segments: columns, Parquet, sync",
            r"^crawler/(recorder|segments|sealed|waiting_rows|tally|progress)|^storage/|/pyarrow/",
        ),
        (
            "the agenda: links of a shard",
            r"^crawler/(agenda|alongside|dealt|laid_out|row_file|rounds|rundir|spill|unnamed)|/duckdb/",
        ),
        ("the visit's own course", r"^crawler/(visit|handler|pipeline|spiders|domains)"),
        ("Scrapy and Twisted", r"/(scrapy|twisted)/"),
        ("asyncio and uvloop", r"/(asyncio|uvloop)/|selectors\.py$"),
    )
)
START, REST = "starting and ending", "the rest"


def part_of(stack: str) -> str:
    """Return the part that a stack is of: of its innermost frame that belongs to one."""
    files = [_file(frame) for frame in stack.split(";") if not frame.startswith("process ")]
    if not files or any("importlib" in file for file in files):
        return START
    for file in reversed(files):
        for part, pattern in PARTS:
            if pattern.search(file):
                return part
    return REST


def shares(lines: Iterable[str]) -> dict[str, float]:
    """Return the share of each part in the samples, but for starting and ending; they sum to 1."""
    seen: Counter[str] = Counter()
    for line in lines:
        stack, _, count = line.rstrip("\n").rpartition(" ")
        seen[part_of(stack)] += int(count)
    del seen[START]
    return {part: count / seen.total() for part, count in seen.most_common()}


def _file(frame: str) -> str:
    """Return a frame's file, from the package on where it is of ours."""
    found = _FRAME.search(frame)
    path = found["file"] if found else ""
    ours = re.search(r"(?:^|/)((?:crawler|pictures|storage)/[^/].*)$", path)
    return path if ours is None or "site-packages" in path else ours[1]
