"""Folders for what does not fit in memory: nobody sweeps another's, whoever begins at the same time."""

import multiprocessing

from crawler.spill import spill_folder


def _used_in_turn(times: int) -> int:
    """Use folders; return how often one could not be had, or was taken away."""
    lost = 0
    for _ in range(times):
        try:
            with spill_folder() as folder:
                kept = folder / "kept"
                kept.write_text("here")
                lost += not all(kept.exists() for _ in range(20))
        except OSError:
            lost += 1
    return lost


def test_processes_that_begin_at_once_leave_each_other_alone() -> None:
    """Six processes that make and sweep folders all the time each keep their own."""
    with multiprocessing.get_context("spawn").Pool(6) as pool:
        assert sum(pool.map(_used_in_turn, [200] * 6)) == 0


def test_nothing_is_left() -> None:
    """A folder is gone with its owner."""
    with spill_folder() as folder:
        assert folder.is_dir()
    assert not folder.exists()
