"""The encoder's arithmetic, with weights that are drawn: no model is needed for it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from analysis.meaning.encoder import Floats, Weights, _gelu, encode

WIDTH, INNER, VOCABULARY, LONGEST = 48, 96, 30, 16


@pytest.fixture(scope="module")
def weights() -> Weights:
    """Weights of a small model of the same shape: fewer numbers, as many layers and heads."""
    draw = np.random.default_rng(7)

    def of(*shape: int) -> Floats:
        return draw.normal(0, 0.3, shape).astype(np.float32)

    found = {
        "embeddings.word_embeddings.weight": of(VOCABULARY, WIDTH),
        "embeddings.position_embeddings.weight": of(LONGEST, WIDTH),
        "embeddings.token_type_embeddings.weight": of(2, WIDTH),
    }
    norms = ["embeddings"]
    for at in (f"encoder.layer.{layer}" for layer in range(6)):
        shapes = {
            **{f"attention.self.{name}": (WIDTH, WIDTH) for name in ("query", "key", "value")},
            "attention.output.dense": (WIDTH, WIDTH),
            "intermediate.dense": (INNER, WIDTH),
            "output.dense": (WIDTH, INNER),
        }
        for name, shape in shapes.items():
            found[f"{at}.{name}.weight"] = of(*shape)
            found[f"{at}.{name}.bias"] = of(shape[0])
        norms += [f"{at}.attention.output", f"{at}.output"]
    for at in norms:
        found[f"{at}.LayerNorm.weight"], found[f"{at}.LayerNorm.bias"] = of(WIDTH), of(WIDTH)
    return found


@settings(deadline=None)
@given(
    st.lists(
        st.lists(st.integers(0, VOCABULARY - 1), min_size=1, max_size=LONGEST),
        min_size=1,
        max_size=5,
    )
)
def test_who_stands_beside_a_text_does_not_matter(weights: Weights, texts: list[list[int]]) -> None:
    """A text has the same unit vector alone as in a batch, whatever it is padded to."""
    together = encode(weights, *_padded(texts))
    for text, found in zip(texts, together, strict=True):
        alone = encode(weights, *_padded([text]))[0]
        assert np.linalg.norm(found) == pytest.approx(1, abs=1e-4)
        assert np.allclose(alone, found, atol=1e-3)


def test_gelu_is_what_it_is_called() -> None:
    """The polynomial is the Gauss error function's, to float32."""
    values = np.linspace(-6, 6, 241, dtype=np.float32)
    exact = [x / 2 * (1 + math.erf(x / math.sqrt(2))) for x in values.tolist()]
    assert np.abs(_gelu(values) - exact).max() < 2e-6


def _padded(texts: list[list[int]]) -> tuple[NDArray[np.int64], Floats]:
    longest = max(map(len, texts))
    tokens = np.zeros((len(texts), longest), dtype=np.int64)
    mask = np.zeros((len(texts), longest), dtype=np.float32)
    for row, text in enumerate(texts):
        tokens[row, : len(text)], mask[row, : len(text)] = text, 1
    return tokens, mask
