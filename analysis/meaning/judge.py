"""What a caption's likeness to prompts amounts to.

Room: pure rules. Names, dates and numbers are taken out first: they fill half of such a caption, and
a sentence model takes two captions about one name for more alike than two about passports.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.captions.marks import without_marks
from analysis.meaning.encoder import Floats

# Set on the labelled world of seed 1 and on Conceptual Captions (docs/decisions/0062).
LEAST_SIMILARITY = 0.5
LEAST_MARGIN = 0.1

CALM = "calm"

_NUMBERED = re.compile(r"\S*\d\S*")
_LONGEST = 400  # characters


@dataclass(frozen=True, slots=True)
class Prompt:
    """A sentence that captions of a category are like; the category calm speaks against all others."""

    category: str
    text: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """The prompt that a text is nearest to: cosine, and how much nearer than any calm one."""

    prompt: Prompt
    similarity: float
    margin: float


def plain(caption: str | None) -> str:
    """Return what of a caption is to be understood: one line, in lower case; empty for nothing."""
    named = without_marks((caption or "")[:_LONGEST])
    return " ".join(_NUMBERED.sub(" ", named).lower().split())


def judged(
    vectors: Floats, of_prompts: Floats, prompts: Sequence[Prompt]
) -> Iterator[Meaning | None]:
    """Yield what each vector means, None where it is near to nothing or as near to what is calm."""
    calm = np.array([prompt.category == CALM for prompt in prompts])
    nearness = vectors @ of_prompts.T
    best = np.where(calm, -1.0, nearness).argmax(axis=1)
    margins = nearness.max(axis=1, where=~calm, initial=-1.0) - nearness.max(
        axis=1, where=calm, initial=-1.0
    )
    for row, at in enumerate(best):
        similarity, margin = float(nearness[row, at]), float(margins[row])
        is_told = similarity >= LEAST_SIMILARITY and margin >= LEAST_MARGIN
        yield Meaning(prompts[at], similarity, margin) if is_told else None
