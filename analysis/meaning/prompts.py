"""The prompts of data/meanings.toml: what captions of each category mean, and of harmless ones.

Room: disk.
"""

import tomllib
from functools import cache
from hashlib import sha256
from pathlib import Path

from analysis.meaning.judge import Prompt

FILE = Path(__file__).parents[2] / "data" / "meanings.toml"


@cache
def prompts() -> tuple[Prompt, ...]:
    """Return every prompt."""
    said = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(Prompt(category, text) for category, texts in said.items() for text in texts)


def prompts_digest() -> str:
    """Return what changes when a prompt does."""
    return sha256(FILE.read_bytes()).hexdigest()
