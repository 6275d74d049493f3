"""The table of a run, and whether the number holds. Pure: values in, text out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.sql.copies import Copy
from bench.sql.questions import OUTCOMES
from bench.sql.ways import WAYS

# "In seconds" for 100 million observations, at the pace of those that were asked.
LIMIT_S = 10.0
LIMIT_ROWS = 100_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """How long a way took to answer a question, and of all cores; `digest` tells answers apart."""

    seconds: float
    cpu_s: float
    digest: str


Answers = Mapping[str, Mapping[str, Sequence[Answer]]]  # question → way → a round each


def markdown(answers: Answers) -> str:
    """One row a question, one column a way: medians of seconds, and of CPU seconds in brackets."""
    names = list(next(iter(answers.values())))
    head = ("seconds (CPU)", *(WAYS[name].title for name in names), "same answer")
    lines = [head, ("---", *("---:" for _ in head[1:]))]
    for question, ways in answers.items():
        digests = {answer.digest for rounds in ways.values() for answer in rounds}
        cells = [f"{_seconds(ways[name]):.2f} ({_cpu_s(ways[name]):.2f})" for name in names]
        lines.append((question, *cells, "yes" if len(digests) == 1 else "NO"))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def copies_table(copies: Sequence[Copy], rows: int) -> str:
    """One row a copy of the run."""
    lines = [("copy", "files", "GB", "bytes an observation"), ("---", "---:", "---:", "---:")]
    lines += [
        (
            copy.title,
            f"{copy.files:,}",
            f"{copy.size_bytes / 1e9:.2f}",
            f"{copy.size_bytes / rows:.0f}",
        )
        for copy in copies
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def verdict(answers: Answers, rows: int) -> tuple[bool, str]:
    """Tell whether outcomes by domain would come in seconds, and say it in a sentence.

    Judged by `stillup sql` of a published run, where that was asked.
    """
    asked = answers[OUTCOMES]
    judged = "published" if "published" in asked else "sql"
    projected_s = _seconds(asked[judged]) * LIMIT_ROWS / rows
    holds = projected_s <= LIMIT_S
    own = (
        f"{OUTCOMES}, {WAYS[judged].title}: {_seconds(asked[judged]):.2f} s for "
        f"{rows:,} observations, which is {projected_s:.1f} s for {LIMIT_ROWS:,} at the same pace; at "
        f"most {LIMIT_S:.0f} s: {'holds' if holds else 'DOES NOT HOLD'}"
    )
    lines = [own]
    lines += [
        f"{WAYS[name].title}: {_seconds(rounds) / _seconds(asked[judged]):.2f} × that, "
        f"{_cpu_s(rounds) / _cpu_s(asked[judged]):.2f} × its CPU time"
        for name, rounds in asked.items()
        if name != judged
    ]
    return holds, "\n".join(f"- {line}" for line in lines)


def _seconds(rounds: Sequence[Answer]) -> float:
    return median(answer.seconds for answer in rounds)


def _cpu_s(rounds: Sequence[Answer]) -> float:
    return median(answer.cpu_s for answer in rounds)
