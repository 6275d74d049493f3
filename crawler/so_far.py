"""How far a shard is, counted while its segments pass by to be asked for something else.

Room: pure rules. To open a shard's ten thousand segments once more takes longer than what is in them.
"""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc


@dataclass(slots=True)
class SoFar:
    """The final observations of a round, and the last visit of any round; None before the first."""

    round: int
    done: int = 0
    last_visit: int | None = None

    def counted(self, rows: pa.RecordBatchReader) -> pa.RecordBatchReader:
        """Return the same rows of observations or hosts, which count as soon as they are read."""
        return pa.RecordBatchReader.from_batches(rows.schema, map(self._count, rows))

    def _count(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        if "final" in batch.schema.names:
            is_done = pc.and_kleene(pc.equal(batch["round"], self.round), batch["final"])
            self.done += is_done.true_count
        last = pc.max(batch["visit_id"]).as_py()
        if last is not None:
            self.last_visit = max(last, self.last_visit or 0)
        return batch
