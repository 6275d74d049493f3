"""The shards of a crawl on a cluster: which wait for a worker, and what became of those that had one.

Room: cluster. Knows nothing of what runs them. Moments are seconds on any clock that goes forward.
"""

from dataclasses import dataclass, field, replace

from crawler.engines.retry import Tries, after
from crawler.tally import Progress, ShardResult, Trouble


@dataclass(slots=True)
class Ledger:
    """Notes how far shards are, and puts those back whose trouble may pass."""

    waiting: list[int] = field(default_factory=list)
    _not_before: dict[int, float] = field(default_factory=dict)
    _tries: dict[int, Tries] = field(default_factory=dict)
    _notes: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _done: dict[int, int] = field(default_factory=dict)

    def ready(self, now_s: float) -> list[int]:
        """Return the shards that may begin, in order."""
        return [shard for shard in self.waiting if self._not_before.get(shard, 0.0) <= now_s]

    def progressed(self, progress: Progress) -> None:
        """Note how far a shard is."""
        self._done[progress.shard] = progress.done

    def put_back(self, result: ShardResult, now_s: float) -> bool:
        """Have a shard walked again where its trouble may pass; tell whether it is."""
        if result.trouble is None:
            return False
        shard = result.shard
        tries, done = self._tries.get(shard, Tries()), self._done.get(shard, 0)
        self._tries[shard], wait_s = after(tries, result.trouble, done=done, now_s=now_s)
        if wait_s is None:
            return False
        if result.trouble is Trouble.DIED:
            sentence = f"{result.failure}; another went on"
            self._notes[shard] = (*self._notes.get(shard, ()), sentence)
        self._not_before[shard] = now_s + wait_s
        self.waiting.insert(0, shard)
        return True

    def told(self, result: ShardResult) -> ShardResult:
        """Return a result with what happened to its shard before."""
        return replace(result, notes=self._notes.get(result.shard, ()) + result.notes)
