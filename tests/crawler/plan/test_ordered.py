"""Links come in the order of the run, however many buckets they are dealt to on the way."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.plan import buckets, ordered, stage
from crawler.plan.buckets import cut
from crawler.plan.formats import delimited
from crawler.plan.threads import at_once
from tests.crawler.plan.planned import SAMPLE, planned


@pytest.mark.parametrize("bucket_rows", [1_000, 9_000])
def test_buckets_leave_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bucket_rows: int
) -> None:
    """Many small buckets, batches and stretches give the links that a single one gives."""
    whole = planned(tmp_path / "whole", SAMPLE, shards=3)
    monkeypatch.setattr(buckets, "_BUCKET_ROWS", bucket_rows)
    monkeypatch.setattr(ordered, "_STRETCH_FILES", 2)
    monkeypatch.setattr(stage, "_BATCHES_ALONE", 99)
    monkeypatch.setattr(delimited, "BATCH_ROWS", 1_000)
    parts = planned(tmp_path / "parts", SAMPLE, shards=3)
    assert len(parts.plan.staged.files) > 10
    assert parts.links == whole.links
    assert parts.rows == whole.rows


@given(st.lists(st.integers(1, 50)), st.integers(1, 30))
def test_parts_hold_whole_shards(shard_links: list[int], most: int) -> None:
    """Every link is in one bucket, none is over-full, and a part begins where a shard does."""
    parts = cut(shard_links, most)
    all_buckets = [bucket for part in parts for bucket in part.buckets]
    edges = [0, *(bucket.end for bucket in all_buckets)]
    assert [bucket.first for bucket in all_buckets] == edges[:-1]
    assert edges[-1] == sum(shard_links)
    assert all(0 < bucket.end - bucket.first <= most for bucket in all_buckets)
    starts = {sum(shard_links[:at]) for at in range(len(shard_links))}
    assert {part.buckets[0].first for part in parts} <= starts


def test_what_is_done_at_once_comes_in_order() -> None:
    """Everything comes, in order, and an error where it happened."""

    def things() -> Iterator[int]:
        yield from range(5)
        raise OSError("the disk is full")

    coming = at_once(lambda thing: thing + 1, things())
    with pytest.raises(OSError, match="the disk is full"):
        list(coming)
    assert list(at_once(str, range(50))) == list(map(str, range(50)))
    with pytest.raises(ZeroDivisionError):
        list(at_once(lambda thing: 1 // thing, [1, 0, 1]))
