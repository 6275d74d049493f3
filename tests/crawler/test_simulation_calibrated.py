"""Forecasts against real crawls of the fake internet."""

from pathlib import Path

import pytest

from bench.simulate.calibrate import calibrate
from bench.simulate.shapes import SHAPES, Shape

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_crawl_takes_as_long_as_forecast(shape: Shape, tmp_path: Path) -> None:
    """With what a crawl has seen of its hosts, its time is forecast within ten percent."""
    assert abs(calibrate(shape, tmp_path).off) <= 0.10
