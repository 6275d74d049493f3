"""What the internet and a worker are taken to be like: `data/simulation.toml`, read once and typed.

Room: disk.
"""

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

from crawler.records.errors import WrongUse
from crawler.simulation.host import Costs
from crawler.simulation.likely import Mix, Skew

DEFAULT_WORLD = Path(__file__).parent.parent.parent / "data" / "simulation.toml"


def load_world(path: Path | None = None) -> tuple[Mix, Costs, Skew]:
    """Read a world file over the defaults of `data/simulation.toml`. Raises WrongUse."""
    content = _toml(DEFAULT_WORLD) | ({} if path is None else _toml(path))
    head = tuple((int(links), int(largest)) for links, largest in content.pop("skew_head"))
    skew = Skew(int(content.pop("skew_links")), head)
    try:
        costs = Costs(**{one.name: float(content.pop(one.name)) for one in fields(Costs)})
        return Mix(**{name: float(value) for name, value in content.items()}), costs, skew
    except (TypeError, ValueError) as error:
        text = str(error).replace("Mix.__init__() got an", "there is an")
        raise WrongUse(f"{path or DEFAULT_WORLD}: {text}; see data/simulation.toml") from error


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WrongUse(f"{path} cannot be read as a world: {error}") from error
