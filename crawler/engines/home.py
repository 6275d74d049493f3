"""A home for the processes of a Ray of our own, in which they learn all that they would ask for.

Room: cluster.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def at_home(home: Path) -> Iterator[dict[str, str]]:
    """Start Ray in a home that names its provider, and yield what workers need to have theirs.

    Ray would otherwise ask the metadata services of three clouds where it is, reports or not.
    """
    (home / "ray_bootstrap_config.yaml").write_text("provider: {type: local}\n", encoding="ascii")
    before = os.environ.get("HOME")
    os.environ["HOME"] = str(home)
    try:
        yield {} if before is None else {"HOME": before}
    finally:
        if before is None:
            del os.environ["HOME"]
        else:
            os.environ["HOME"] = before
