"""Captions of a run, read by the sentence model where it is installed."""

import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.meaning.encoder import Floats
from analysis.meaning.keep import MeaningReader, keep_meanings
from analysis.meaning.model import PACKAGE, is_installed, sentence_model
from analysis.meaning.prompts import prompts
from analysis.runfile import read_run
from crawler.records import layout
from tests.analysis.asking import rows_of
from tests.analysis.runs import link, plan
from tests.runs import ROOT, stillup_here

needs_model = pytest.mark.skipif(not is_installed(), reason="make semantic installs the model")

CAPTIONS = (
    "Copy of the passport of Maria Hale, 27.03.1981",
    "COPY OF THE PASSPORT OF Maria Hale",
    "a harbour in the morning",
    None,
)


class Counting:
    """A model that knows a prompt from everything else, and counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def vectors(self, texts: Sequence[str]) -> Floats:
        """Return an axis for each prompt, and another one for what is none."""
        self.asked += texts
        known = {prompt.text: at for at, prompt in enumerate(prompts())}
        return np.eye(len(known) + 1, dtype=np.float32)[[known.get(text, -1) for text in texts]]


def test_a_caption_is_read_once() -> None:
    """However many links have a caption, and however it is written, the model reads it once."""
    model = Counting()
    reader = MeaningReader(model)
    wanted = prompts()[0]
    found = reader.read([wanted.text, "a door", None, wanted.text.upper(), "A door"])
    assert [meaning and meaning.prompt for meaning in found] == [wanted, None, None, wanted, None]
    assert reader.read(["A DOOR"]) == [None]
    assert sorted(model.asked[len(prompts()) :]) == sorted({wanted.text, "a door"})


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run whose captions mean something, or nothing."""
    links = [link(number, caption=caption) for number, caption in enumerate(CAPTIONS)]
    return plan(tmp_path / "run", links)


@needs_model
def test_the_model_agrees_with_its_makers() -> None:
    """The likenesses of the model's own example are those that its page gives."""
    one, *others = sentence_model().vectors(
        [
            "That is a happy person",
            "That is a happy dog",
            "That is a very happy person",
            "Today is a sunny day",
        ]
    )
    found = [float(one @ other) for other in others]
    assert found == pytest.approx([0.695, 0.943, 0.257], abs=0.001)


@needs_model
def test_what_captions_mean_is_kept_once(run: Path) -> None:
    """Links whose caption is like a prompt are told with it, nothing else is kept, and once is enough."""
    assert keep_meanings(read_run(run)) == len(CAPTIONS)
    assert keep_meanings(read_run(run)) == 0
    rows = rows_of(run, "select link_id, category, prompt from meanings order by link_id")
    told = {"category": "identity", "prompt": "copy of somebody's passport"}
    assert rows == [{"link_id": 0, **told}, {"link_id": 1, **told}]
    content = b"".join(path.read_bytes() for path in (run / layout.MEANINGS).rglob("*.parquet"))
    assert b"Hale" not in content
    found = stillup_here("findings", run, "--semantic", "--format", "csv")
    assert found.returncode == 0, found.stderr
    assert "caption_meaning" in found.stdout


@needs_model
def test_neither_torch_nor_a_network_is_imported() -> None:
    """The model is read without the package that carries it, PyTorch, or whatever could ask a hub."""
    code = (
        "import sys; from analysis.meaning.model import sentence_model as model;"
        "model().vectors(['a']); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    imported = set(done.stdout.split())
    assert not imported & {PACKAGE, "torch", "sentence_transformers", "huggingface_hub", "requests"}


def test_without_the_extra_it_is_one_line(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the model is not installed, the command says how to get it, and everything else works."""

    def hidden(name: str, *rest: Any) -> Any:
        return None if name == PACKAGE else find_spec(name, *rest)

    monkeypatch.setattr("importlib.util.find_spec", hidden)
    sentence_model.cache_clear()
    done = stillup_here("findings", run, "--semantic")
    assert done.returncode == 2
    assert done.stderr == (
        "stillup: --semantic needs a sentence model: make semantic (docs/guide/findings.md)\n"
    )
    assert stillup_here("findings", run).returncode == 0
