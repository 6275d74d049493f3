"""How a crawl shows its progress: a live bar a worker and a total, or a line every ten seconds.

Room: command line.
"""

from collections import Counter
from collections.abc import Sequence
from time import monotonic
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.text import Text

from crawler import tally
from crawler.records.shown import visible

_LINE_S = 10.0
_OUTCOMES_SHOWN = 5


class Display:
    """Shows the progress of every shard. Use it as a context manager."""

    def __init__(self, console: Console, links: int) -> None:
        self._links = links
        self._latest: dict[int, tally.Progress] = {}
        self._live = _LiveBars(console) if console.is_terminal else _Lines(console)

    def __enter__(self) -> Self:
        self._live.begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.end(self._total())

    def report(self, progress: tally.Progress) -> None:
        """Take a shard's progress and show it in its time."""
        self._latest[progress.shard] = progress
        self._live.show(progress, self._total())

    def _total(self) -> "Total":
        known = list(self._latest.values())
        outcomes: Counter[str] = Counter()
        for progress in known:
            outcomes.update(progress.outcomes)
        lefts = [progress.left_s for progress in known]
        return Total(
            done=sum(progress.done for progress in known),
            links=self._links,
            links_per_s=sum(p.links_per_s for p in known if p.done < p.total),
            hosts_in_flight=sum(progress.hosts_in_flight for progress in known),
            left_s=None if None in lefts else max((left for left in lefts if left), default=0.0),
            outcomes=outcomes,
            notes=[f"shard {p.shard}: {p.note}" for p in known if p.note],
        )


class Total:
    """The shards of a crawl taken together, as one line of text."""

    def __init__(
        self,
        *,
        done: int,
        links: int,
        links_per_s: float,
        hosts_in_flight: int,
        left_s: float | None,
        outcomes: Counter[str],
        notes: Sequence[str] = (),
    ) -> None:
        self.done = done
        self.links = links
        self.left_s = left_s
        self.rates = f"{links_per_s:,.0f} links/s, {hosts_in_flight:,} hosts in flight"
        shown = [f"{name} {count:,}" for name, count in outcomes.most_common(_OUTCOMES_SHOWN)]
        self.outcomes = ", ".join(shown)
        self.notes = tuple(map(visible, notes))

    def __str__(self) -> str:
        parts = [f"{self.done:,} of {self.links:,} links", self.rates, duration(self.left_s)]
        return "; ".join([*parts, *filter(None, [self.outcomes]), *self.notes])


class _Lines:
    """Without a terminal: a line every ten seconds."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._said_at = monotonic()

    def begin(self) -> None:
        """Nothing to prepare."""

    def show(self, progress: tally.Progress, total: Total) -> None:  # noqa: ARG002
        if monotonic() - self._said_at >= _LINE_S:
            self._said_at = monotonic()
            self._console.print(str(total), highlight=False, markup=False, soft_wrap=True)

    def end(self, total: Total) -> None:
        self._console.print(str(total), highlight=False, markup=False, soft_wrap=True)


class _LiveBars:
    """On a terminal: a bar for each worker and one for all."""

    def __init__(self, console: Console) -> None:
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TextColumn("{task.fields[left]}"),
            console=console,
        )
        self._tasks: dict[int, TaskID] = {}
        self._sum = self._bars.add_task("all", total=None, rate="", left="")
        self._outcomes = Text("")
        self._live = Live(Group(self._bars, self._outcomes), console=console, refresh_per_second=4)

    def begin(self) -> None:
        self._live.start()

    def show(self, progress: tally.Progress, total: Total) -> None:
        task = self._tasks.get(progress.shard)
        if task is None:
            task = self._bars.add_task(f"shard {progress.shard}", rate="", left="")
            self._tasks[progress.shard] = task
        self._bars.update(
            task,
            total=progress.total,
            completed=progress.done,
            rate=f"{progress.links_per_s:,.0f} links/s",
            left=duration(progress.left_s),
            visible=progress.done < progress.total,
        )
        self._show_total(total)

    def end(self, total: Total) -> None:
        self._show_total(total)
        self._live.stop()

    def _show_total(self, total: Total) -> None:
        self._bars.update(
            self._sum,
            total=total.links,
            completed=total.done,
            rate=total.rates,
            left=duration(total.left_s),
        )
        self._outcomes.plain = "\n".join([total.outcomes, *total.notes])


def duration(seconds: float | None) -> str:
    """Say how long is left: `2 h 05 min left`, `12 s left`, or that nobody can tell yet."""
    if seconds is None:
        return "time left not known yet"
    whole = round(seconds)
    if whole >= 86_400:
        return f"{whole // 86_400} d {whole % 86_400 // 3600} h left"
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60:02} min left"
    return f"{whole // 60} min {whole % 60:02} s left" if whole >= 60 else f"{whole} s left"
