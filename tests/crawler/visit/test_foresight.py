"""Names that are looked up ahead: in order, so many at a time, and only while it makes sense."""

import asyncio
from collections.abc import Callable

from crawler.visit import foresight
from crawler.visit.foresight import AT_A_TIME, Foresight


class Names:
    """A resolver that answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.at_a_time = 0
        self.most = 0
        self.answers = asyncio.Event()

    async def look_up(self, name: str) -> None:
        """Wait for the answer."""
        self.asked.append(name)
        self.at_a_time += 1
        self.most = max(self.most, self.at_a_time)
        try:
            await self.answers.wait()
        finally:
            self.at_a_time -= 1


async def turns(count: int = 20) -> None:
    """Let everybody else have a turn."""
    for _ in range(count):
        await asyncio.sleep(0)


async def announced(count: int, may_ask: Callable[[], bool]) -> tuple[Names, Foresight]:
    """Announce so many names."""
    names = Names()
    ahead = Foresight(names.look_up, may_ask)
    for number in range(count):
        ahead.announce(f"host-{number}.test")
    await turns()
    return names, ahead


def test_names_are_asked_for_in_order_and_not_all_at_once() -> None:
    """Each announced name is looked up once, in order, with no more under way than are allowed."""

    async def scene() -> None:
        names, ahead = await announced(100, lambda: True)
        assert names.at_a_time == AT_A_TIME
        names.answers.set()
        await turns(50)
        assert names.asked == [f"host-{number}.test" for number in range(100)]
        assert names.most == AT_A_TIME
        ahead.announce("late.test")
        await turns()
        assert names.asked[-1] == "late.test"
        await ahead.close()

    asyncio.run(scene())


def test_while_it_makes_no_sense_names_are_dropped() -> None:
    """What was announced meanwhile is left to its visit, and what comes later is asked for."""

    async def scene() -> None:
        may_ask = False
        names, ahead = await announced(5, lambda: may_ask)
        assert names.asked == []
        may_ask = True
        ahead.announce("later.test")
        await turns()
        assert names.asked == ["later.test"]
        await ahead.close()

    asyncio.run(scene())


def test_where_too_many_wait_the_oldest_is_left_out() -> None:
    """What waits is bounded: the newest are looked up, beside those that are under way."""

    async def scene() -> None:
        most = foresight._MOST_WAITING
        names, ahead = await announced(AT_A_TIME, lambda: True)
        for number in range(most + 10):
            ahead.announce(f"more-{number}.test")
        names.answers.set()
        await turns(200)
        assert names.asked[AT_A_TIME:] == [f"more-{n}.test" for n in range(10, most + 10)]
        await ahead.close()

    asyncio.run(scene())


def test_after_the_end_nobody_is_asked() -> None:
    """What is under way is given up, and nothing that waits is begun."""

    async def scene() -> None:
        names, ahead = await announced(AT_A_TIME + 5, lambda: True)
        await ahead.close()
        assert names.at_a_time == 0
        assert len(names.asked) == AT_A_TIME
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(scene())
