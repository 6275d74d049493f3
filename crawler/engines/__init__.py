"""How shards get workers: one engine a file, all of one shape.

Room: cluster. An engine starts each shard, the biggest first, tells how they are doing, and ends
them in an orderly way; it never looks inside a shard.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, Self

from crawler.tally import Progress, ShardResult

ENGINES = ("local", "ray")


class Engine(Protocol):
    """Runs shards. Every shard given ends in exactly one result, unless the run is interrupted.

    An engine is a context manager: inside, its workers can be reached.
    """

    @property
    def stopped(self) -> bool:
        """Tell whether the run was interrupted."""
        ...

    def __enter__(self) -> Self:
        """Reach the workers' machines. Raises RunFailed where that fails."""
        ...

    def __exit__(self, *_: object) -> None:
        """Let go of them."""
        ...

    def run(
        self,
        run: str,
        shards: Sequence[int],
        settings: Mapping[str, Any],
        report: Callable[[Progress], None],
    ) -> list[ShardResult]:
        """Walk the shards in the order given. SIGINT and SIGTERM stop them in an orderly way."""
        ...


__all__ = ["ENGINES", "Engine"]
