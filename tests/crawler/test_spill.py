"""Folders for what does not fit in memory: nobody sweeps another's, whoever begins at the same time."""

from crawler.spill import spill_folder
from tests.warm.call import calling


def used_in_turn(times: str) -> int:
    """Use folders; return how often one could not be had, or was taken away."""
    lost = 0
    for _ in range(int(times)):
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
    users = [calling(used_in_turn, 200) for _ in range(6)]
    assert [user.communicate(timeout=60)[0] for user in users] == ["0\n"] * 6


def test_nothing_is_left() -> None:
    """A folder is gone with its owner."""
    with spill_folder() as folder:
        assert folder.is_dir()
    assert not folder.exists()
