"""The README's commands work as written, and the reference names every command and option."""

import importlib
import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest

from stillup import COMMANDS
from tests.conftest import MakeInternet
from tests.internet import ReplayOptions
from tests.runs import QUICK_POLICY, ROOT, STILLUP, stillup, stillup_here

README = (ROOT / "README.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
RUN = "data/runs/cc3m"


def commands_of(text: str) -> list[list[str]]:
    """Return the `$` lines of the console blocks of a page, taken apart as a shell does."""
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    return [
        shlex.split(line[2:]) for block in blocks for line in block.splitlines() if line[:2] == "$ "
    ]


def started(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command as a shell does, in a process that has yet to import it all."""
    return subprocess.run(
        [*STILLUP, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_session_of_the_readme_works(tmp_path: Path, make_internet: MakeInternet) -> None:
    """A newcomer who types the README's session gets an answer from every command.

    It plans half the shards, each of which costs a worker's start, and what only reads is forked.
    """
    page = README.replace("--shards 4 ", "--shards 2 ")
    assert page != README
    session = [words for words in commands_of(page) if words[0] == "stillup"]
    assert [words[1] for words in session] == [
        "plan",
        "crawl",
        "status",
        "verdicts",
        "sql",
        "findings",
    ]
    internet = make_internet(replay=ReplayOptions())
    policy = tmp_path / "policy.toml"
    policy.write_text(QUICK_POLICY, encoding="utf-8")
    for _, *words in session:
        arguments = [str(tmp_path / "run") if word == RUN else word for word in words]
        if words[0] == "crawl":
            arguments += ["--policy", str(policy), "--timeout", "2", *internet.flags()]
        begin = started if words[0] in ("plan", "crawl") else stillup
        done = begin(*arguments)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z-]+)", README))))
def test_the_makefile_has_what_the_readme_names(target: str) -> None:
    """Every `make` target that the README names exists."""
    if target == "on":  # "make, on Linux"
        pytest.skip("no target")
    subprocess.run(["make", "-n", target], cwd=ROOT, check=True, capture_output=True)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_reference_names_every_option(name: str) -> None:
    """Every command and each of its options is in the reference, and every help has an example."""
    command = getattr(importlib.import_module(COMMANDS[name][0]), name)
    assert isinstance(command, click.Command)
    assert f"`stillup {name}" in REFERENCE
    for parameter in command.params:
        for option in parameter.opts if isinstance(parameter, click.Option) else ():
            assert option in REFERENCE, f"{name} {option}"
    shown = stillup_here(name, "--help").stdout
    assert f"stillup {name}" in shown.partition("Usage:")[2].partition("\n")[2]


def test_the_front_door_lists_every_command() -> None:
    """`stillup --help` shows all commands with a line each, and `--version` says which it is."""
    shown = stillup_here("--help").stdout
    assert all(re.search(rf"^  {name} +\w", shown, re.MULTILINE) for name in COMMANDS)
    assert stillup_here("--version").stdout.startswith("stillup ")


def test_links_within_the_documentation_lead_somewhere() -> None:
    """Every relative link of README, CONTRIBUTING and docs points to a file that exists."""
    roots = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")]
    pages = [*roots, *sorted((ROOT / "docs").rglob("*.md"))]
    for page in pages:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_threat_model_names_what_there_is() -> None:
    """Every test and every file that the threat model names as a defence exists."""
    page = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page)
    assert len(named) > 40
    assert page.count("`tests/") == len(named) + 1  # and this file
    for file, name in named:
        source = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"^(?:async )?def {name}\(", source, re.MULTILINE), f"{file}::{name}"
    for file in re.findall(r"`((?:analysis|crawler)/[\w/.]+)`", page):
        assert (ROOT / file).exists(), file
