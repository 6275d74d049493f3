"""A report as its canonical JSON, and back. Its sha256 is the sha256 of exactly these bytes.

Room: pure rules. Fields in the order of the model, two spaces, ASCII only, a newline at the end:
`sha256sum` of the JSON file gives the digest that stands on every other format.
"""

import json
import types
import typing
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from hashlib import sha256
from typing import Any

from analysis.report.model import FORMAT, VERSION, Report


def canonical(report: Report) -> str:
    """Return the canonical JSON of a report."""
    content = {"format": FORMAT, "version": VERSION, **_plain(report)}
    return json.dumps(content, indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def digest(text: str) -> str:
    """Return the sha256 of a canonical JSON, lower-case hex."""
    return sha256(text.encode("ascii")).hexdigest()


def parsed(text: str) -> Report:
    """Return the report of a canonical JSON. Raises ValueError where it is of another version."""
    content = json.loads(text)
    if content.pop("format", None) != FORMAT or content.pop("version", None) != VERSION:
        raise ValueError("the report was written by another version of stillup")
    report: Report = _built(Report, content)
    return report


def moment(at: datetime) -> str:
    """Return a moment as it is written in a report's JSON: to the second, UTC, ISO 8601."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.value if isinstance(value, Enum) else value


def _built(kind: Any, value: Any) -> Any:
    """Return `value` of a JSON as what a field of type `kind` holds."""
    if value is None:
        return None
    if isinstance(kind, types.UnionType):
        [kind] = [one for one in typing.get_args(kind) if one is not type(None)]
    if typing.get_origin(kind) is tuple:
        return tuple(_built(typing.get_args(kind)[0], one) for one in value)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _built(hints[name], one) for name, one in value.items()})
    if kind is datetime:
        return datetime.fromisoformat(value)
    return kind(value) if isinstance(kind, type) and issubclass(kind, Enum) else value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
