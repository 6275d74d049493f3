"""What fuzzing found stays mended, and a quick look for more in every run of the suite."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.seeds import SEEDS
from tests.fuzz.targets import TARGETS

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow

CASES = sorted(path for path in (Path(__file__).parent / "cases").rglob("*") if path.is_file())
# A visit is a few requests on loopback, a hundred times what the others take.
EXAMPLES = {"visit": 20}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_what_was_found_is_mended(case: Path) -> None:
    """No input that once broke a promise breaks it again."""
    TARGETS[case.parent.name](case.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_every_seed_is_taken(name: str) -> None:
    """What fuzzing begins with is an input that every target takes."""
    seeds = list(SEEDS[name]())
    assert seeds
    for seed in seeds:
        TARGETS[name](seed)


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_are_taken(name: str) -> None:
    """Any bytes, and any changes to a seed, keep the target's promises."""
    seeds = list(SEEDS[name]())

    @settings(max_examples=EXAMPLES.get(name, 100))
    @given(seed=st.sampled_from(seeds), at=st.integers(0, 2000), junk=st.binary(max_size=40))
    def fuzz(seed: bytes, at: int, junk: bytes) -> None:
        TARGETS[name](seed[:at] + junk + seed[at + len(junk) :])

    fuzz()
