"""The wording of reports: one folder a language, which a lawyer can edit without reading code.

Room: disk. `labels.yml` holds short words, each `.txt` a title and paragraphs; `{{ … }}` in either is
filled in by jinja2. A word that a language lacks is an error, never an empty place in a report.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

HERE = Path(__file__).parent
WORDING = HERE / "wording"
LANGUAGES = tuple(sorted(at.name for at in WORDING.iterdir() if at.is_dir()))


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a list of points."""

    text: str
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the wording: its first line is its title."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language; `known` is what may stand between their braces."""

    language: str
    known: Mapping[str, Any]

    def __call__(self, key: str, **more: Any) -> str:
        """Return a word of labels.yml by its key, as `rules.gdpr17`."""
        found: Any = _labels(self.language)
        for part in key.split(".", 1):
            found = found[part]
        return _compiled(found).render(self.known, **more)

    def text(self, name: str) -> Text:
        """Return `name.txt`, filled in and taken apart."""
        filled = environment(WORDING).get_template(f"{self.language}/{name}.txt").render(self.known)
        title, *lines = filled.strip().splitlines()
        return Text(title, _blocks(lines))


@cache
def environment(folder: Path = HERE / "layout") -> Environment:
    """Return what fills templates: every value is escaped in `.html`, and none in plain text."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(["html"], default_for_string=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _blocks(lines: list[str]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    points: list[str] = []
    for line in [*lines, ""]:
        if line.startswith("- "):
            points.append(line.removeprefix("- "))
            continue
        if points:
            blocks.append(Block("", tuple(points)))
            points = []
        if line:
            blocks.append(Block(line))
    return tuple(blocks)


@cache
def _labels(language: str) -> dict[str, Any]:
    found = yaml.safe_load((WORDING / language / "labels.yml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)  # noqa: S101 - our own file
    return found


@cache
def _compiled(text: str) -> Template:
    return environment(WORDING).from_string(text)
