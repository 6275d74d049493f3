"""When a caption is told, and what of it is looked at."""

import numpy as np
import pytest

from analysis.meaning.judge import CALM, Prompt, judged, plain
from analysis.meaning.prompts import prompts

PROMPTS = (Prompt("letters", "a letter"), Prompt("clinical", "a wound"), Prompt(CALM, "a museum"))
AXES = np.eye(4, dtype=np.float32)


@pytest.mark.parametrize(
    ("vector", "category"),
    [
        ((0.9, 0.1, 0.0), "letters"),
        ((0.1, 0.9, 0.0), "clinical"),
        ((0.6, 0.0, 0.4), "letters"),
        ((0.6, 0.0, 0.6), None),  # as near to what is calm
        ((0.6, 0.0, 0.55), None),
        ((0.45, 0.3, 0.0), None),  # near to nothing
        ((0.0, 0.0, 0.9), None),
        ((-0.9, -0.9, -0.9), None),
    ],
)
def test_the_nearest_prompt_counts(
    vector: tuple[float, float, float], category: str | None
) -> None:
    """A caption is told where it is near to a prompt, and clearly nearer than to any calm one."""
    [found] = judged(np.array([[*vector, 0]], dtype=np.float32), AXES[:3], PROMPTS)
    assert (found.prompt.category if found else None) == category
    if found is not None:
        assert found.similarity == pytest.approx(max(vector[:2]))
        assert found.margin == pytest.approx(max(vector[:2]) - vector[2])


@pytest.mark.parametrize(
    ("caption", "left"),
    [
        ("Scan of Maria Hale, 27.03.1981", "scan of person ,"),
        ("IMG_2041.jpg", ""),
        ("order 66\nof   today", "order of today"),
        (None, ""),
    ],
)
def test_nobody_is_read_by_name(caption: str | None, left: str) -> None:
    """Names, dates and numbers are no part of what a caption means."""
    assert plain(caption) == left


def test_the_prompts_are_of_categories_and_of_what_is_calm() -> None:
    """Every category has prompts, each once, and there are calm ones to hold against them."""
    texts = [prompt.text for prompt in prompts()]
    assert len(texts) == len(set(texts))
    found = {prompt.category for prompt in prompts()}
    assert found == {
        CALM, "clinical", "identity", "finance", "intimate", "minors", "letters", "work",
    }  # fmt: skip
