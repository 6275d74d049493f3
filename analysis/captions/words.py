"""Finds every term of every category in a batch of texts, in one pass of one automaton.

Room: pure rules.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from ahocorasick_rs import AhoCorasick, Implementation

from analysis.captions.terms import Term, terms

_BETWEEN = "\n"


@dataclass(frozen=True, slots=True)
class Found:
    """`count` terms of a category in the text `row`; the first is `term`, `at` its place there."""

    row: int
    at: int
    term: Term
    count: int


def find_terms(texts: Sequence[str]) -> Iterator[Found]:
    """Yield what is found in folded texts, one a text and category."""
    automaton, by_pattern = _automaton()
    starts = [0, *accumulate(len(text) + 1 for text in texts)]
    firsts: dict[tuple[int, str], tuple[int, Term]] = {}
    counts: Counter[tuple[int, str]] = Counter()
    row = 0
    for number, start, _ in automaton.find_matches_as_indexes(
        _BETWEEN.join(texts), overlapping=True
    ):
        if not starts[row] <= start < starts[row + 1]:
            row = bisect_right(starts, start) - 1
        for term in by_pattern[number]:
            key = (row, term.category)
            counts[key] += 1
            firsts.setdefault(key, (start - starts[row], term))
    for key, (at, term) in firsts.items():
        yield Found(key[0], at, term, counts[key])


@cache
def _automaton() -> tuple[AhoCorasick, list[list[Term]]]:
    by_pattern: dict[str, list[Term]] = {}
    for term in terms():
        by_pattern.setdefault(term.pattern, []).append(term)
    automaton = AhoCorasick(by_pattern, implementation=Implementation.DFA)
    return automaton, list(by_pattern.values())
