"""Reads what the captions of a run mean, and keeps it in RUN/meanings.

Room: disk. A caption is read once, however many links have it; of it nothing is kept but the prompt
that it is like. How it is kept and when it is read again, `analysis/reading.py` knows.
"""

from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from analysis.derived import MEANINGS_SCHEMA
from analysis.meaning.encoder import Floats
from analysis.meaning.judge import Meaning, judged, plain
from analysis.meaning.model import sentence_model
from analysis.meaning.prompts import prompts, prompts_digest
from analysis.reading import Reading, read_links
from analysis.runfile import RunFacts
from analysis.segments import SetAside
from crawler.records import layout

_BATCH_LINKS = 2_000
_KNOWN = 200_000  # captions whose meaning is remembered while a run is read: some 30 MB


def keep_meanings(
    run: RunFacts,
    told: Callable[[int], None] = lambda _links: None,
    warn: Callable[[SetAside], None] = lambda _: None,
) -> int:
    """Bring `meanings` of a run up to date; return how many links were read.

    `told` is called now and then with how many links were read by now. Raises WrongUse without the
    model, RunFailed where the run cannot be written.
    """
    reader = _reader()
    reading = Reading(
        schemas={layout.MEANINGS: MEANINGS_SCHEMA},
        columns=("link_id", "caption"),
        rules=f"{sentence_model().name} {prompts_digest()} {_code_digest()}",
        make=lambda batch: {layout.MEANINGS: _meanings(reader, batch)},
        batch_links=_BATCH_LINKS,
        told=told,
    )
    return read_links(run, reading, warn)


class Model(Protocol):
    """What makes vectors of texts."""

    def vectors(self, texts: Sequence[str]) -> Floats:
        """Return a unit vector for each text, in their order."""


class MeaningReader:
    """Says what captions mean, and remembers it."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._known: dict[str, Meaning | None] = {"": None}
        self._prompts = prompts()
        self._of_prompts = model.vectors([prompt.text for prompt in self._prompts])

    def read(self, captions: Sequence[str | None]) -> list[Meaning | None]:
        """Return what each caption means, None where it means nothing of interest."""
        texts = [plain(caption) for caption in captions]
        fresh = sorted(set(texts).difference(self._known))
        if len(self._known) + len(fresh) > _KNOWN:
            self._known = {"": None}
            fresh = sorted(set(texts) - {""})
        if fresh:
            meanings = judged(self._model.vectors(fresh), self._of_prompts, self._prompts)
            self._known.update(zip(fresh, meanings, strict=True))
        return [self._known[text] for text in texts]


@cache
def _reader() -> MeaningReader:
    return MeaningReader(sentence_model())


def _meanings(reader: MeaningReader, batch: pa.RecordBatch) -> pa.Table:
    numbers, captions = (batch.column(name).to_pylist() for name in ("link_id", "caption"))
    rows = [
        {
            "link_id": link_id,
            "category": meaning.prompt.category,
            "prompt": meaning.prompt.text,
            "similarity": meaning.similarity,
            "margin": meaning.margin,
        }
        for link_id, meaning in zip(numbers, reader.read(captions), strict=True)
        if meaning is not None
    ]
    return pa.Table.from_pylist(rows, schema=MEANINGS_SCHEMA)


def _code_digest() -> str:
    code = sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        code.update(path.read_bytes())
    code.update((Path(__file__).parents[1] / "captions" / "marks.py").read_bytes())
    return code.hexdigest()
