"""How shards get workers: one engine a file, all of one shape.

Room: cluster. An engine starts each shard once, the biggest first, tells how they are doing, and
ends them in an orderly way; it never looks inside a shard.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from crawler.tally import Progress, ShardResult


class Engine(Protocol):
    """Runs shards. Every shard given ends in exactly one result."""

    def run(
        self,
        run: str,
        shards: Sequence[int],
        settings: Mapping[str, Any],
        report: Callable[[Progress], None],
    ) -> list[ShardResult]:
        """Walk the shards in the order given; KeyboardInterrupt stops them in an orderly way."""
        ...


__all__ = ["Engine"]
