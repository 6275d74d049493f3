"""The memory bench: its lists, and when memory counts as flat."""

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bench.memory import lists, table
from bench.memory.worker import Walked

WALK = Walked(links=10_000, hosts=500, mode="body", wall_s=10.0, peak_mb=200.0, steady_mb=190.0)


@given(peak_mb=st.floats(1, 2000))
def test_memory_is_flat_or_it_is_said(peak_mb: float) -> None:
    """A longer list may take a fifth more, and no worker more than 600 MB."""
    walks = [WALK, replace(WALK, links=1_000_000, peak_mb=peak_mb)]
    small, flat = (holds for holds, _ in table.verdicts(walks))
    assert small == (max(200.0, peak_mb) <= 600)
    assert flat == (peak_mb / 200.0 <= 1.2)
    assert len(table.markdown(walks).splitlines()) == 4


def test_a_list_has_as_many_links_as_asked(tmp_path: Path) -> None:
    """Every link of a list is another one, and they are shared out among the hosts."""
    hosts = lists.write(tmp_path / "links.txt", links=50, per_host=20, ports=[8000])
    urls = (tmp_path / "links.txt").read_text().split()
    assert hosts == len({url.split("/")[2] for url in urls}) == 3
    assert len(urls) == len(set(urls)) == 50
