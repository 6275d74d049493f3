"""How lists and matches are printed: what is for a person is made visible, what is for programs is not.

Room: command line.
"""

import csv
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from analysis.hash_lists.gathered import HashList
from analysis.matching.answer import PLACES, Answer, Coverage, Match
from analysis.printing import console
from analysis.text import sheet_cell, visible
from analysis.wording import count
from crawler.records.shown import shortened

_ROWS_SHOWN = 50
_DOMAINS_SHOWN = 20
_URL_WIDTH = 300


def write_lists(lists: Sequence[HashList]) -> None:
    """Say on stderr how many entries of each list are usable, and why others are not."""
    for found in lists:
        kinds = [f"{count(len(of))} {kind}" for kind, of in found.packed.items() if len(of)]
        refused = sum(found.refused.values())
        click.echo(
            f"{visible(found.name)} ({found.form}): {count(found.usable)} usable"
            f"{': ' * bool(kinds)}{', '.join(kinds)}; {count(refused)} not usable",
            err=True,
        )
        for why, times in found.refused.items():
            click.echo(f"  {count(times)} × {why}", err=True)


def write_table(answer: Answer, *, blind: bool) -> None:
    """Print counts by list and by domain, then the first rows, for a person."""
    out = console()
    if not answer.matches:
        out.print("No link matches.", soft_wrap=True)
    else:
        lists = ((match.list, match.category or "–") for match in answer.matches)
        out.print(_counts(("list", "category"), lists, answer.matches, len(answer.matches)))
        out.print()
        domains = ((match.registered_domain or "no domain",) for match in answer.matches)
        out.print(_counts(("domain",), domains, answer.matches, _DOMAINS_SHOWN))
        out.print()
        for match in answer.matches[:_ROWS_SHOWN]:
            out.print(_line(match), soft_wrap=True)
        if len(answer.matches) > _ROWS_SHOWN:
            out.print(f"the first {_ROWS_SHOWN} of {count(len(answer.matches))}: --format csv")
    out.print()
    out.print(_searched(answer.coverage, blind=blind), soft_wrap=True)


def write_csv(answer: Answer) -> None:
    """Print a row a match; a cell that a spreadsheet would run begins with an apostrophe.

    On a terminal what could act on it is made visible; in a pipe a URL is what it is.
    """
    shown = visible if sys.stdout.isatty() else str
    rows = csv.writer(sys.stdout, lineterminator="\n")
    names = [field.name for field in fields(Match)]
    rows.writerow(names)
    for match in answer.matches:
        cells = (_cell(value) for value in _plain(match).values())
        rows.writerow([shown(cell) if isinstance(cell, str) else cell for cell in cells])


def write_json(answer: Answer, lists: Sequence[HashList]) -> None:
    """Print lists, coverage and matches as one JSON object; times ISO 8601, UTC."""
    said = [
        {
            "name": found.name,
            "digest": found.digest,
            "format": found.form,
            "usable": {kind.value: len(of) for kind, of in found.packed.items()},
            "refused": dict(found.refused),
        }
        for found in lists
    ]
    content = {
        "lists": said,
        "coverage": asdict(answer.coverage),
        "matches": [_plain(match) for match in answer.matches],
    }
    click.echo(json.dumps(content, indent=2))


def how_near(match: Match) -> str:
    """Say how a picture matches, in a few words."""
    if match.kind == "pdq":
        return f"pdq, {match.distance} of 256 bits differ"
    return f"{match.kind}, the same file"


def _plain(match: Match) -> dict[str, object]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(match).items()
    }


def _cell(value: object) -> object:
    return sheet_cell(value) if isinstance(value, str) else value


def _line(match: Match) -> str:
    label = f"{match.list} / {match.category}" if match.category else match.list
    url = visible(shortened(match.url, _URL_WIDTH))
    return f"{match.place.replace('_', ' '):13}  {url}\n    {visible(label)}: {how_near(match)}{_when(match)}"


def _when(match: Match) -> str:
    if match.observed_at is None:
        if match.last_look_at is None:
            return "; never looked at"
        return f"; the last look, {match.last_look_at:%Y-%m-%d}, came to {match.last_outcome}"
    seen = f"; seen {match.observed_at:%Y-%m-%d %H:%M} UTC in round {match.round}"
    if match.place == "served_before" and match.last_look_at is not None:
        seen += f"; the last look, {match.last_look_at:%Y-%m-%d}, came to {match.last_outcome}"
    return seen


def _counts(
    names: tuple[str, ...], keys: Iterable[tuple[str, ...]], matches: Sequence[Match], most: int
) -> Table:
    links: dict[tuple[str, ...], set[int]] = defaultdict(set)
    entries: dict[tuple[str, ...], set[str]] = defaultdict(set)
    best: dict[tuple[tuple[str, ...], int], str] = {}
    for key, match in zip(keys, matches, strict=True):
        links[key].add(match.link_id)
        entries[key].add(match.entry_hash)
        best.setdefault((key, match.link_id), match.place)  # matches come best first
    places = Counter((key, place) for (key, _), place in best.items())
    drawn = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in names:
        drawn.add_column(name, overflow="ellipsis", no_wrap=True)
    for name in ("entries", "links", *(place.replace("_", " ") for place in PLACES)):
        drawn.add_column(name, justify="right")
    ranked = sorted(links, key=lambda key: (-len(links[key]), key))
    for key in ranked[:most]:
        numbers = [len(entries[key]), len(links[key]), *(places[key, place] for place in PLACES)]
        drawn.add_row(*(visible(part) for part in key), *(count(number) for number in numbers))
    return drawn


def _searched(coverage: Coverage, *, blind: bool) -> str:
    if blind:
        return (
            f"Nobody was asked: this is what the dataset itself promises of {count(coverage.links)} "
            "links. What they serve, only a crawl can tell."
        )
    return (
        f"Searched: what the dataset promises of {count(coverage.links)} links; sha256 and md5 of "
        f"{count(coverage.with_digest)} that a crawl has read, of {count(coverage.looked_at)} looked "
        f"at; PDQ of {count(coverage.with_fit_pdq)} pictures of enough quality, of "
        f"{count(coverage.with_pdq)} with a PDQ."
    )
