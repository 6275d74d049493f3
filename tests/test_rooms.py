"""The layout holds: what each room may import, and who may import whom."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(
    path.relative_to(ROOT)
    for folder in ("crawler", "analysis", "bridge", "pictures", "storage")
    for path in (ROOT / folder).rglob("*.py")
)

PURE = {"records", "pure rules"}
NETWORK = {
    "aiohappyeyeballs",
    "httptools",
    "socket",
    "ssl",
    "asyncio",
    "urllib.request",
    "http.client",
}
CLOCKS = {"time", "logging", "random"}
DISK = {"os", "pathlib", "tempfile", "shutil", "io", "fcntl"}
FRAMEWORKS = {"scrapy", "twisted", "duckdb", "click", "rich", "ray"}


@cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> frozenset[str]:
    """Return the modules that a file imports, whole names."""
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(found)


def tops(modules: frozenset[str]) -> set[str]:
    """Return the packages that modules belong to."""
    return {module.split(".")[0] for module in modules}


@cache
def room(path: Path) -> str:
    """Return the room that a file's docstring names."""
    docstring = ast.get_docstring(parsed(path)) or ""
    _, _, rest = docstring.partition("Room: ")
    return rest.split(".")[0].split(",")[0].split(" (")[0].strip()


def test_every_file_names_its_room() -> None:
    """A file says in its first lines which room it is, so that one knows what it may touch."""
    rooms = PURE | {"network", "Scrapy glue", "disk", "cluster", "sql", "web", "command line"}
    rooms |= {"decoders", "processes"}
    unnamed = [path for path in FILES if room(path) not in rooms and path.name != "__init__.py"]
    assert not unnamed


def test_analysis_and_crawler_stay_apart() -> None:
    """`crawler` never imports `analysis`; `analysis` reads `crawler.records` and nothing else.

    `analysis` also writes what people do as segments are written (docs/decisions/0075). Both may
    import `pictures` and `storage`, which read `crawler.records` and nothing else of either. Only `bridge` knows
    both, and nobody knows it but the front door.
    """
    for path in FILES:
        if path.parts[0] == "bridge":
            continue  # made of commands alone, which may need both
        found = imports(path)
        assert "bridge" not in tops(found), path
        if path.parts[0] in ("pictures", "storage", "crawler"):
            assert "analysis" not in tops(found), path
        if path.parts[0] != "crawler":
            of_crawler = {module for module in found if module.split(".")[0] == "crawler"}
            if path.parts[0] == "analysis":
                of_crawler -= {"crawler.sealed", "crawler.sealed.write_sealed"}
            assert all(module.startswith("crawler.records") for module in of_crawler), path


def test_pure_rules_touch_nothing() -> None:
    """Records and pure rules import no socket, clock, log, disk or framework."""
    barred = NETWORK | CLOCKS | DISK | FRAMEWORKS
    assert not [path for path in FILES if room(path) in PURE and tops(imports(path)) & barred]


def test_decoders_reach_nothing_but_bytes() -> None:
    """What reads the bytes of a picture can neither reach a network or a disk, nor log."""
    barred = NETWORK | CLOCKS | FRAMEWORKS | DISK - {"io"}
    files = [path for path in FILES if room(path) == "decoders"]
    assert files
    assert not [path for path in files if tops(imports(path)) & barred]


def test_the_bridge_is_of_commands_alone() -> None:
    """What joins the two sides is a command line, so that no rule or query of one gets there."""
    assert {
        room(path) for path in FILES if path.parts[0] == "bridge" and path.stem != "__init__"
    } == {"command line"}


def test_only_the_process_of_decoders_decodes() -> None:
    """Pictures, hostile as they may be, are decoded by `pictures.process` and by nobody else."""
    decoders = {path for path in FILES if room(path) == "decoders"}
    assert {path for path in FILES if {"PIL", "pydicom"} & tops(imports(path))} <= decoders
    users = {path for path in FILES if {"pictures.read", "pictures.parts"} & imports(path)}
    assert users - decoders == {Path("pictures/process.py")}
    assert not [path for path in FILES if "pictures.process" in imports(path)]


def test_only_one_module_speaks_to_buckets() -> None:
    """What the extra `cloud` brings is imported where buckets are spoken to, and nowhere else."""
    users = {path for path in FILES if "obstore" in tops(imports(path))}
    assert users == {Path("storage/bucket.py")}


def test_only_one_module_of_a_crawl_opens_databases() -> None:
    """A progress bar of DuckDB's would be in what a command prints: one place forbids it."""
    crawl = [path for path in FILES if path.parts[0] == "crawler"]
    opening = {path for path in crawl if "duckdb.connect(" in (ROOT / path).read_text("utf-8")}
    assert opening == {Path("crawler/database.py")}


def test_only_the_sentence_model_needs_its_extra() -> None:
    """What the extra `semantic` brings is imported where the model is read, and nowhere else."""
    users = {path for path in FILES if {"safetensors", "tokenizers"} & tops(imports(path))}
    assert users == {Path("analysis/meaning/model.py")}


def test_only_one_engine_knows_ray() -> None:
    """Ray is imported by its engine, and by nothing that starts without it."""
    users = {path for path in FILES if "ray" in tops(imports(path))}
    assert users == {Path("crawler/engines/ray.py")}
    importers = {path for path in FILES if "crawler.engines.ray" in imports(path)}
    assert importers == {Path("crawler/commands/crawl.py")}


def test_pictures_open_no_connection() -> None:
    """Nothing in `pictures` imports a network; `asyncio` is for the darkroom's waiting alone."""
    files = [path for path in FILES if path.parts[0] == "pictures"]
    assert files
    for path in files:
        reached = tops(imports(path)) & (NETWORK | {"urllib", "http"})
        assert reached <= ({"asyncio"} if path.name == "darkroom.py" else set()), path


def test_only_the_glue_knows_scrapy() -> None:
    """Scrapy is imported by its glue, and by nothing that starts before a worker does."""
    users = {str(path) for path in FILES if "scrapy" in tops(imports(path))}
    glue = {str(path) for path in FILES if room(path) == "Scrapy glue"}
    assert users <= glue


def test_only_the_network_room_opens_connections() -> None:
    """Only `crawler/visit` imports what looks names up, connects, and reads HTTP."""
    libraries = {"aiohappyeyeballs", "httptools"}
    users = {path.parent for path in FILES if libraries & tops(imports(path))}
    assert users == {Path("crawler/visit")}


def test_the_libraries_are_declared() -> None:
    """Every library that is imported is a dependency that pyproject.toml names."""
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8").lower().replace("-", "_")
    names = {"yaml": "pyyaml", "can_ada": "can_ada"}
    names["PIL"] = "pillow"
    names |= {"stdnum": "python_stdnum"}
    names["twisted"] = "scrapy"  # its errbacks are handed twisted's Failure
    own = {
        "crawler",
        "analysis",
        "bridge",
        "pictures",
        "storage",
        "stillup",
        "compression",
        "backports",
    }
    used = set().union(*(tops(imports(path)) for path in FILES))
    for library in used - own - set(sys.stdlib_module_names):
        assert names.get(library, library) in declared, library


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("stillup", {"pyarrow", "numpy", "duckdb", "scrapy", "rich", "asyncio"}),
        ("crawler.commands.crawl", {"pyarrow", "numpy", "duckdb", "scrapy", "asyncio"}),
        ("pictures.commands.fingerprint", {"pyarrow", "numpy", "PIL"}),
        ("crawler.spiders.liveness", {"tldextract", "requests", "PIL"}),
        ("analysis.commands.publish", {"tldextract", "requests", "rich"}),
    ],
)
def test_nobody_waits_for_what_another_process_needs(module: str, heavy: set[str]) -> None:
    """The front door, a crawl's own process, a worker and who has pictures looked at start light."""
    code = f"import sys, {module}; print(*{heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
