"""Sampled stacks, sorted into the parts of a crawl."""

import pytest

from bench.profile.parts import REST, START, part_of, shares

WORKER = 'process 7:"python -m crawler.engines.child 4"'
WALK = "walk (/home/a/stillup/crawler/visit/walk.py:80)"
DNS = "asked (/home/a/stillup/crawler/visit/dns.py:12)"
SOCKET = "send (/usr/lib/python3.11/socket.py:9)"
SCRAPY = "run (/v/lib/python3.11/site-packages/scrapy/crawler.py:3)"


@pytest.mark.parametrize(
    ("frames", "part"),
    [
        ([WORKER], START),
        ([WORKER, "_load (<frozen importlib._bootstrap>:1)", DNS], START),
        ([WORKER, SCRAPY, WALK, DNS, SOCKET], "names: look-ups, memory, foresight"),
        ([WORKER, SCRAPY, WALK, SOCKET], "the visit's own course"),
        ([WORKER, SCRAPY], "Scrapy and Twisted"),
        ([WORKER, SOCKET], REST),
    ],
)
def test_the_innermost_frame_that_is_known_decides(frames: list[str], part: str) -> None:
    """A library's time is that of the part that called it, and a start is nobody's."""
    assert part_of(";".join(frames)) == part


def test_shares_are_of_what_is_neither_start_nor_end() -> None:
    """They sum to one, the largest first."""
    lines = [f"{WORKER} 40", f"{WORKER};{SCRAPY} 1", f"{WORKER};{WALK};{DNS} 3"]
    assert shares(lines) == {
        "names: look-ups, memory, foresight": 0.75,
        "Scrapy and Twisted": 0.25,
    }
