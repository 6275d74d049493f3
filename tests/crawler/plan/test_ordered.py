"""Links come in the order of the run, however many buckets they are dealt to on the way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.plan import ordered, stage
from crawler.plan.ahead import ahead
from crawler.plan.formats import delimited
from tests.crawler.plan.planned import SAMPLE, planned


def test_buckets_leave_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many small buckets, batches and stretches give the links that a single one gives."""
    whole = planned(tmp_path / "whole", SAMPLE, shards=3)
    monkeypatch.setattr(ordered, "_BUCKET_BYTES", 1)
    monkeypatch.setattr(ordered, "_STRETCH_FILES", 2)
    monkeypatch.setattr(stage, "_BATCHES_ALONE", 99)
    monkeypatch.setattr(delimited, "BATCH_ROWS", 1_000)
    parts = planned(tmp_path / "parts", SAMPLE, shards=3)
    assert len(parts.plan.staged.files) > 10
    assert parts.links == whole.links
    assert parts.rows == whole.rows


def test_what_is_made_ahead_comes_in_order() -> None:
    """Everything comes, in order, and an error where it happened."""

    def things() -> Iterator[int]:
        yield from range(5)
        raise OSError("the disk is full")

    coming = ahead(things())
    assert [next(coming) for _ in range(5)] == list(range(5))
    with pytest.raises(OSError, match="the disk is full"):
        next(coming)
    assert list(ahead([])) == []
