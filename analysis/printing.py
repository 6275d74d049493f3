"""The console that every command prints to, and its manners.

Room: command line.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from analysis.segments import SetAside
from analysis.text import visible

if TYPE_CHECKING:
    from rich.console import Console

_PIPED_WIDTH = 100_000


def console(*, wide: bool = False) -> "Console":
    """Return a console on stdout that takes no markup from what it prints.

    `wide`: into a pipe, never cut or wrap a line.
    """
    from rich.console import Console  # for those who draw a table

    width = _PIPED_WIDTH if wide and not sys.stdout.isatty() else None
    return Console(markup=False, highlight=False, emoji=False, soft_wrap=False, width=width)


def set_aside(segment: SetAside) -> None:
    """Say on stderr which segment is not read."""
    click.echo(f"stillup: {visible(segment.path)} {segment.why}; set aside", err=True)


@contextmanager
def quiet_pipe() -> Iterator[None]:
    """Leave quietly when the reader of our output has gone, as `head` does."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
