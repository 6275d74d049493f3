"""What was measured, as the tables of docs/guide/soft-404.md.

Room: pure rules, but for the page's path.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.internet.labelled import labelled_sites
from tests.internet.labelled.measure import Judged, Score, score

PAGE = Path(__file__).parents[3] / "docs/guide/soft-404.md"
BODY, MODES = "body", "modes"


def with_measured(text: str, name: str, tables: str) -> str:
    """Return the page with the tables between the marks of that name."""
    marks = re.compile(f"(<!-- measured: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    written, count = marks.subn(lambda found: f"{found[1]}{tables}{found[2]}", text)
    assert count == 1, name
    return written


def body_tables(judged: Sequence[Judged]) -> str:
    """Return what a crawl in mode body came to: in all, by kind of host, by sign, and what is wrong."""
    whole = score(judged)
    said = (
        f"{whole.lost} of {len(judged)} links are lost; {whole.found} were called soft_dead, "
        f"{whole.right} of them rightly: precision {whole.precision:.3f}, recall {whole.recall:.3f}. "
        f"{_found_whole(judged)}"
    )
    return f"\n{said}\n\n{by_kind(judged)}\n{by_sign(judged)}\n{wrong(judged)}\n"


def _found_whole(judged: Sequence[Judged]) -> str:
    """Say of how many hosts everything was found, as a few hosts have most of the links."""
    losing = {one.link.site for one in judged if one.is_lost}
    missed = {one.link.site for one in judged if one.is_lost and not one.is_found}
    return (
        f"Of {len(losing)} hosts that lost links, all of them were found on {len(losing - missed)}."
    )


def by_kind(judged: Sequence[Judged]) -> str:
    """Return a table by kind of host, in Markdown."""
    kinds = dict.fromkeys(link.kind for site in labelled_sites() for link in site.links)
    rows = []
    for kind in kinds:
        of_kind = [one for one in judged if one.link.kind == kind]
        found = score(of_kind)
        hosts = len({one.link.site for one in of_kind})
        alarms = found.found - found.right
        rows.append((kind, hosts, len(of_kind), found.lost, found.right, alarms or ""))
    whole = score(judged)
    hosts = len({one.link.site for one in judged})
    rows.append(
        ("**all**", hosts, len(judged), whole.lost, whole.right, whole.found - whole.right or "")
    )
    return _table(("what the host does", "hosts", "links", "lost", "found", "false alarms"), rows)


def by_sign(judged: Sequence[Judged]) -> str:
    """Return a table by sign, in Markdown."""
    signs = sorted({sign for one in judged for sign in one.signs})
    lost = sum(one.is_lost for one in judged)
    rows = []
    for sign in signs:
        showing = [one for one in judged if sign in one.signs]
        right = [one for one in showing if one.is_lost]
        alone = sum(one.signs == (sign,) for one in right)
        named = sum(one.reason == sign for one in showing)
        rows.append(
            (
                f"`{sign}`",
                len(showing),
                _share(len(right), len(showing)),
                _share(len(right), lost),
                alone,
                named,
            )
        )
    return _table(
        ("sign", "links", "precision", "recall", "seen by it alone", "named as the reason"), rows
    )


def wrong(judged: Sequence[Judged]) -> str:
    """Return a table of every link whose verdict is wrong, by host, in Markdown."""
    found: dict[tuple[str, str, str, str], int] = {}
    for one in judged:
        if not one.is_right:
            key = (
                one.link.site,
                one.link.kind,
                one.link.label.value,
                f"{one.verdict} ({one.reason})",
            )
            found[key] = found.get(key, 0) + 1
    rows = [(*key, count) for key, count in sorted(found.items())]
    return _table(("host", "what it does", "is", "was taken for", "links"), rows)


def modes_table(scores: Sequence[tuple[str, Score]]) -> str:
    """Return a table by crawl mode, in Markdown."""
    rows = [
        (f"`{mode}`", one.lost, one.found, f"{one.precision:.3f}", f"{one.recall:.3f}")
        for mode, one in scores
    ]
    return (
        "\n" + _table(("`--mode`", "lost", "called soft_dead", "precision", "recall"), rows) + "\n"
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}"


def _table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"
