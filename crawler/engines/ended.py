"""How a shard's try on a cluster ended, and what its result says of where and why.

Room: cluster. Knows nothing of what runs them.
"""

import platform
from dataclasses import dataclass, replace

from crawler.engines.board import LOST_S
from crawler.tally import Progress, ShardResult, Trouble


@dataclass(frozen=True, slots=True)
class Ended:
    """What a task hands back: how the shard ended, and how far it was then."""

    result: ShardResult
    latest: Progress | None = None
    lost: bool = False  # nobody knows what has become of its worker


def died(shard: int, text: str) -> ShardResult:
    """Return the result of a try of which nobody heard the end."""
    return ShardResult(shard, left=-1, failure=text, trouble=Trouble.DIED)


def cut_off(shard: int) -> ShardResult:
    """Return the result of a shard of which nothing more can be heard."""
    text = "not finished, as the connection to the Ray cluster was lost"
    return ShardResult(shard, left=-1, failure=text)


def on_this_node(result: ShardResult, *, lost: bool) -> ShardResult:
    """Say of a failure where it was; a worker that stopped for want of a driver is one."""
    if result.failure is not None:
        return replace(result, failure=f"{result.failure} (on {platform.node()})")
    if lost and result.left:
        text = f"its worker on {platform.node()} lost sight of the driver"
        return replace(result, failure=text, trouble=Trouble.DIED)
    return result


def headless(result: ShardResult) -> ShardResult:
    """Say of a shard that is not done, by no fault of its own, that the cluster's head was gone."""
    if result.left == 0 or (result.failure is not None and result.trouble is None):
        return result
    text = f"not finished, as the head of the Ray cluster has not answered for {LOST_S:.0f} s"
    return replace(result, failure=text)
