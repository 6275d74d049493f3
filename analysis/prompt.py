"""The prompt of `stillup sql`: statements to a semicolon, dot commands, history, completion.

Room: command line. Takes lines, hands statements on; knows nothing of DuckDB's connection.
"""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from analysis.contracts import Contract, contracts

HELP = """\
  a statement ends with ; and may run over several lines
  .tables        the tables and what a row of each stands for
  .schema NAME   the columns of a table and what they mean
  .help          this
  .quit          leave (Ctrl-D does it too)
"""
_WORD = re.compile(r"[.\w]+")
_KEYWORDS = (
    "all and as asc between by case cast count desc describe distinct else end exists explain false "
    "filter from group having in inner interval is join left like limit max min not null on or order "
    "over partition select sum summarize then true union using when where with"
)


def complete_statement(text: str) -> bool:
    """Tell whether `text` is ready: a dot command, or SQL that ends with a semicolon."""
    import sqlite3  # only where statements are typed or piped

    stripped = text.strip()
    return not stripped or stripped.startswith(".") or sqlite3.complete_statement(stripped)


def gathered(lines: Iterable[str]) -> Iterator[str]:
    """Put lines together to dot commands and whole statements; the last needs no semicolon."""
    waiting = ""
    for line in lines:
        waiting += line
        if complete_statement(waiting):
            yield from _unless_empty(waiting)
            waiting = ""
    yield from _unless_empty(waiting)


def _unless_empty(text: str) -> Iterator[str]:
    if text.strip():
        yield text.strip()


def dot_command(text: str, say: Callable[[str], None]) -> bool:
    """Answer a dot command; return False where it asks to leave."""
    name, _, rest = text.strip().partition(" ")
    if name in {".quit", ".exit"}:
        return False
    found = {contract.name: contract for contract in contracts()}
    if name == ".tables":
        for contract in sorted(found.values(), key=lambda contract: contract.name):
            say(f"{contract.name:<21}{contract.grain}")
    elif name == ".schema" and rest.strip(" ;") in found:
        say(schema_text(found[rest.strip(" ;")]))
    elif name == ".schema":
        say("which table? .tables names them")
    else:
        say(HELP.rstrip() if name == ".help" else f"{name}: unknown; .help lists what there is")
    return True


def schema_text(contract: Contract) -> str:
    """Return a table's grain, key and columns as text."""
    margin = max(len(column.name) for column in contract.columns) + 2
    lines = [f"{contract.name}: {contract.grain}; key: {', '.join(contract.key)}"]
    lines += [f"  {column.name:<{margin}}{column.comment}" for column in contract.columns]
    return "\n".join(lines)


def history_file() -> Path:
    """Return where the prompt keeps its history: the user's data folder, never the run."""
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    folder = base / "stillup"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "sql_history"


def prompt_session(**overrides: Any) -> Any:
    """Return a prompt_toolkit session; `overrides` are its own arguments (input, output)."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.history import FileHistory

    words = {*_KEYWORDS.split(), ".tables", ".schema", ".help", ".quit"}
    for contract in contracts():
        words |= {contract.name, *(column.name for column in contract.columns)}
    options = {
        "completer": WordCompleter(sorted(words), ignore_case=True, pattern=_WORD),
        "complete_while_typing": False,
        "history": FileHistory(str(history_file())),
        "key_bindings": _enter_at_semicolon(),
        "multiline": True,
        "prompt_continuation": "   ...> ",
    }
    return PromptSession("stillup> ", **options | overrides)


def _enter_at_semicolon() -> Any:
    from prompt_toolkit.key_binding import KeyBindings

    bindings = KeyBindings()

    @bindings.add("enter")
    def _(event: Any) -> None:
        buffer = event.current_buffer
        if complete_statement(buffer.text):
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n")

    return bindings
