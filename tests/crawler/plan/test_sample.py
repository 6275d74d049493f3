"""A sample depends on its links alone, and its weights add up to the dataset."""

import math
import random
from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.plan.sample import draws, is_drawn
from crawler.records.errors import RunFailed, WrongUse
from tests.crawler.plan.planned import SAMPLE, planned

WORD = 1 << 64


def splitmix64(value: int) -> int:
    """The published algorithm, in Python's integers."""
    value = (value + 0x9E3779B97F4A7C15) % WORD
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 % WORD
    value = (value ^ value >> 27) * 0x94D049BB133111EB % WORD
    return value ^ value >> 31


@given(st.lists(st.integers(0, WORD - 1)))
def test_draws_are_splitmix64(link_ids: list[int]) -> None:
    """Draws are the published hash, on every machine."""
    assert draws(pa.array(link_ids, pa.uint64()), 0).to_pylist() == [
        splitmix64(i) for i in link_ids
    ]


@given(st.integers(0, 2**32), st.floats(0.01, 1), st.floats(0.01, 1))
def test_a_smaller_sample_is_part_of_a_larger(seed: int, one: float, other: float) -> None:
    """Whatever is drawn at a fraction is drawn at every larger one; all is drawn at 1."""
    drawn = draws(pa.array(range(200), pa.uint64()), seed)
    smaller, larger = (is_drawn(drawn, part).to_pylist() for part in sorted((one, other)))
    assert all(b for a, b in zip(smaller, larger, strict=True) if a)
    assert all(is_drawn(drawn, 1.0).to_pylist())


def test_estimates_are_unbiased() -> None:
    """Over many seeds, the weighted count of any set of links averages to its true size."""
    link_ids = pa.array([random.Random(at).getrandbits(64) for at in range(500)], pa.uint64())
    counts = [sum(is_drawn(draws(link_ids, seed), 0.2).to_pylist()) / 0.2 for seed in range(300)]
    standard_error = math.sqrt(500 * 0.8 / 0.2 / 300)
    assert abs(sum(counts) / len(counts) - 500) < 4 * standard_error


def test_weights_sum_to_each_domain(tmp_path: Path) -> None:
    """With at most N links a domain, the weights of a domain sum to its links in the dataset."""
    whole = planned(tmp_path / "whole", SAMPLE)
    capped = planned(tmp_path / "capped", SAMPLE, max_per_domain=3)
    truth: dict[str, int] = defaultdict(int)
    for link in whole.links:
        truth[link["registered_domain"]] += 1
    kept: dict[str, list[float]] = defaultdict(list)
    for link in capped.links:
        kept[link["registered_domain"]].append(link["weight"])
    assert {domain: len(weights) for domain, weights in kept.items()} == {
        domain: min(3, links) for domain, links in truth.items()
    }
    for domain, weights in kept.items():
        assert sum(weights) == pytest.approx(truth[domain])
    assert capped.plan.run.totals.dataset_links == whole.plan.run.totals.links


def test_sample_keeps_rows_of_kept_links(tmp_path: Path) -> None:
    """A sample keeps every row of its links, weighs them alike, and tells the dataset's size."""
    whole = planned(tmp_path / "whole", SAMPLE)
    sampled = planned(tmp_path / "sampled", SAMPLE, sample=0.1)
    by_id = {link["link_id"]: link for link in whole.links}
    for link in sampled.links:
        assert link["weight"] == 10
        assert {**link, "weight": 1.0, "shard": 0} == {**by_id[link["link_id"]], "shard": 0}
    estimated = sum(link["weight"] for link in sampled.links)
    assert estimated == pytest.approx(len(whole.links), rel=0.1)
    totals = sampled.plan.run.totals
    assert (totals.dataset_rows, totals.dataset_links) == (15_833, len(whole.links))


def test_impossible_samples_are_told(tmp_path: Path) -> None:
    """A fraction that is none, and a sample without a link, are one line each."""
    with pytest.raises(WrongUse, match=r"--sample 1\.5"):
        planned(tmp_path / "run", SAMPLE, sample=1.5)
    one = tmp_path / "one.txt"
    one.write_text("http://a.example/\n")
    with pytest.raises(RunFailed, match="is empty; ask for a larger --sample"):
        planned(tmp_path / "run", one, sample=1e-9)
    assert not (tmp_path / "run").exists()
