"""The prompt of `stillup sql`."""

from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from analysis.prompt import complete_statement, dot_command, gathered, history_file, prompt_session


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("select 1;", True),
        ("select 1", False),
        ("select ';", False),
        ("select ';';", True),
        ("select 1 -- ;", False),
        ("select 1 /* ; */", False),
        (".tables", True),
        ("", True),
    ],
)
def test_a_statement_ends_with_its_own_semicolon(text: str, complete: bool) -> None:
    """A semicolon in a string or a comment ends nothing."""
    assert complete_statement(text) is complete


def test_lines_are_gathered_to_statements() -> None:
    """Piped lines become dot commands and whole statements; the last needs no semicolon."""
    lines = ["\n", "select 1;\n", ".tables\n", "select\n", "  2;\n", "select 3\n"]
    assert list(gathered(lines)) == ["select 1;", ".tables", "select\n  2;", "select 3"]


def test_dot_commands_tell() -> None:
    """.tables names every table, .schema its columns, .quit leaves, and the rest points to .help."""
    said: list[str] = []
    assert dot_command(".tables", said.append)
    assert any(line.startswith("verdicts") for line in said)
    assert dot_command(".schema verdicts;", said.append)
    assert "dead_since" in said[-1]
    assert dot_command(".schema nowhere", said.append)
    assert dot_command(".help", said.append)
    assert ".schema NAME" in said[-1]
    assert dot_command(".nonsense", said.append)
    assert ".help" in said[-1]
    assert not dot_command(".quit", said.append)


def test_enter_waits_for_the_semicolon_and_history_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement may run over lines; it goes to the user's history, not into the run."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "own"))
    with create_pipe_input() as keys:
        keys.send_text("select\r1;\r")
        session = prompt_session(input=keys, output=DummyOutput())
        assert session.prompt() == "select\n1;"
    assert "+select" in history_file().read_text()
    assert history_file().is_relative_to(tmp_path)


def test_tab_completes_tables_columns_and_keywords(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tab offers the names of tables and columns, keywords and dot commands."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with create_pipe_input() as keys:
        completer = prompt_session(input=keys, output=DummyOutput()).completer
    for text, wanted in (
        ("select dead_s", "dead_since"),
        ("from verd", "verdicts"),
        (".sc", ".schema"),
    ):
        found = [one.text for one in completer.get_completions(Document(text), CompleteEvent())]
        assert wanted in found
