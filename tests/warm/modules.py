"""What the server of warm processes imports before it forks."""

import importlib
import pkgutil

_PACKAGES = ("crawler", "analysis", "bridge", "pictures", "storage")
_NOT = ("crawler.engines.ray",)
_ALSO = ("pytest", "hypothesis", "tests.internet.server", "tests.analysis.runs", "tests.runs")


def read_modules() -> None:
    """Import all of stillup, and what its libraries import only when they are used."""
    for package in _PACKAGES:
        folders = importlib.import_module(package).__path__
        for module in pkgutil.walk_packages(folders, f"{package}."):
            if not (module.name.endswith("__main__") or module.name in _NOT):
                importlib.import_module(module.name)
    for name in _ALSO:
        importlib.import_module(name)
