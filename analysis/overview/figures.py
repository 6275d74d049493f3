"""The figures of the overview, and their numbers.

Room: sql. Each query gives name, part and amount; a figure shows the names with the most.
"""

from dataclasses import dataclass
from pathlib import Path

from analysis import findings
from analysis.nouns import read_nouns
from analysis.session import Session, Terms
from analysis.text import visible

_FOLDER = Path(__file__).parent / "sql"
_MOST_NAMES = 20
_LONGEST_NAME = 60
TERMS = Terms(
    stored=(*findings.TERMS.stored, "live_links", "reportable_links", "told_links"),
    tables=(
        *("dataset_rows", "links", "looks", "verdicts", "findings", "report_standing"),
        *("live_links", "reportable_links", "providers"),
    ),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """What one plot shows; `in_order` names go by name, not by how much they have."""

    query: str
    title: str
    note: str
    amount: str = "links"
    is_grid: bool = False
    in_order: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One number of a figure."""

    name: str
    part: str
    amount: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure with its numbers; `left_out` names had less than those that are shown."""

    figure: Figure
    bars: tuple[Bar, ...]
    left_out: int

    @property
    def names(self) -> list[str]:
        """The names in the order in which they are shown."""
        return list(dict.fromkeys(bar.name for bar in self.bars))


_VERDICT = (
    "A link's verdict is what its looks amount to by now; docs/guide/verdicts.md tells the rules."
)
FIGURES = (
    Figure("by_source", "Liveness by dataset", f"Rows of each source file. {_VERDICT}", "rows"),
    Figure("by_year", "Liveness by year", "The year that stands in the path of a URL, where one does.",
           in_order=True),
    Figure("by_domain", "Liveness by registered domain", "The domains with the most links."),
    Figure("by_tld", "Liveness by top-level domain", "The last label of the host; IP addresses left out."),
    Figure("flow", "From the last outcome to the verdict",
           "How the last look ended, and what all looks together amount to.", is_grid=True),
    Figure("rounds", "What each round of looks showed", "Looks that our own network spoiled are left out.",
           in_order=True),
    Figure("ranked", "Findings", "The score of a place (not a probability), and how it stands with reports.",
           "points"),
    Figure("hosted", "Who serves what is live", "The network or service of the address that answered."),
)  # fmt: skip


def read_figures(session: Session) -> list[Drawn]:
    """Return every figure that has numbers."""
    found = [_drawn(figure, _bars(session, figure)) for figure in FIGURES]
    return [one for one in found if one.bars]


def _bars(session: Session, figure: Figure) -> tuple[Bar, ...]:
    query = (_FOLDER / f"{figure.query}.sql").read_text(encoding="utf-8")
    source = (
        f"from (select name, part, amount::double as amount from ({query})) order by name, part"
    )
    return read_nouns(session, Bar, source)


def _drawn(figure: Figure, bars: tuple[Bar, ...]) -> Drawn:
    sums: dict[str, float] = {}
    for bar in bars:
        sums[bar.name] = sums.get(bar.name, 0.0) + bar.amount
    ranked = sorted(sums, key=lambda name: (-sums[name], name))
    shown = ranked[:_MOST_NAMES]
    order = {name: at for at, name in enumerate(sorted(shown) if figure.in_order else shown)}
    kept = sorted((bar for bar in bars if bar.name in order), key=lambda bar: order[bar.name])
    named = _named(list(order))
    return Drawn(
        figure,
        tuple(Bar(named[bar.name], bar.part, bar.amount) for bar in kept),
        len(ranked) - len(shown),
    )


def _named(names: list[str]) -> dict[str, str]:
    """Return what is shown of names: visible, short, and still told apart."""
    shown: dict[str, str] = {}
    for name in names:
        text = visible(name)
        if len(text) > _LONGEST_NAME:
            text = f"{text[: _LONGEST_NAME // 2]}…{text[-_LONGEST_NAME // 2 + 1 :]}"
        shown[name] = text if text not in shown.values() else f"{text} ({len(shown) + 1})"
    return shown
