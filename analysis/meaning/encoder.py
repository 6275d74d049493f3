"""A sentence → 384 numbers: BERT's encoder with the mean of its last layer, in numpy.

Room: pure rules. Source: "Attention Is All You Need" (2017) and BERT (2018), with the shapes of
all-MiniLM-L6-v2. Written out because PyTorch, which the model's package asks for, brings 62 packages and
gigabytes for some sixty lines of arithmetic (docs/decisions/0062). Weights are named as in the model's file.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Weights = Mapping[str, Floats]

_LAYERS = 6
_HEADS = 12
_EPSILON = np.float32(1e-12)
_MASKED = np.float32(-1e9)


def encode(weights: Weights, tokens: NDArray[Any], mask: Floats) -> Floats:
    """Return a unit vector for each row of tokens (n, m); `mask` is 1 where there is a token."""
    rows, length = tokens.shape
    seen = _embedded(weights, tokens)
    hidden = (1 - mask)[:, None, None, :] * _MASKED
    for layer in range(_LAYERS):
        at = f"encoder.layer.{layer}"
        context = _attended(weights, f"{at}.attention.self", seen, hidden, rows)
        seen = _added(weights, f"{at}.attention.output", context, seen)
        inner = _gelu(_linear(weights, f"{at}.intermediate.dense", seen))
        seen = _added(weights, f"{at}.output", inner, seen)
    whole = (seen.reshape(rows, length, -1) * mask[..., None]).sum(axis=1)
    found: Floats = whole / np.linalg.norm(whole, axis=1, keepdims=True)
    return found


def _embedded(weights: Weights, tokens: NDArray[Any]) -> Floats:
    words = weights["embeddings.word_embeddings.weight"][tokens]
    places = weights["embeddings.position_embeddings.weight"][: tokens.shape[1]]
    kinds = weights["embeddings.token_type_embeddings.weight"][0]
    found = _normed(weights, "embeddings", words + places + kinds)
    return found.reshape(tokens.size, -1)


def _attended(weights: Weights, at: str, seen: Floats, hidden: Floats, rows: int) -> Floats:
    query, key, value = (
        _linear(weights, f"{at}.{name}", seen)
        .reshape(rows, len(seen) // rows, _HEADS, -1)
        .transpose(0, 2, 1, 3)
        for name in ("query", "key", "value")
    )
    scores = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(query.shape[-1])) + hidden
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    scores /= scores.sum(axis=-1, keepdims=True)
    found: Floats = (scores @ value).transpose(0, 2, 1, 3).reshape(seen.shape)
    return found


def _added(weights: Weights, at: str, found: Floats, seen: Floats) -> Floats:
    return _normed(weights, at, seen + _linear(weights, f"{at}.dense", found))


def _linear(weights: Weights, at: str, seen: Floats) -> Floats:
    found: Floats = seen @ weights[f"{at}.weight"].T + weights[f"{at}.bias"]
    return found


def _normed(weights: Weights, at: str, seen: Floats) -> Floats:
    centred = seen - seen.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + _EPSILON)
    found: Floats = (
        centred / spread * weights[f"{at}.LayerNorm.weight"] + weights[f"{at}.LayerNorm.bias"]
    )
    return found


def _gelu(seen: Floats) -> Floats:
    """Return x/2 (1 + erf(x/√2)), erf after Abramowitz and Stegun, 7.1.26: within 1.5e-7."""
    scaled = np.abs(seen) * np.float32(np.sqrt(0.5))
    step = 1 / (1 + np.float32(0.3275911) * scaled)
    tail = np.full_like(step, 1.061405429)
    for factor in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        tail = tail * step + np.float32(factor)
    erf = np.copysign(1 - tail * step * np.exp(-scaled * scaled), seen)
    found: Floats = seen * np.float32(0.5) * (1 + erf)
    return found
