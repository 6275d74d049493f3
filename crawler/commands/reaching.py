"""Options of the commands that ask strangers: who is asking, and how names and addresses are reached.

Room: command line.
"""

from collections.abc import Callable
from typing import Any

import click

Command = Callable[..., Any]

contact = click.option(
    "--contact",
    metavar="URL-or-mail",
    help="Where a site's operator reaches you; in every request.",
)

_REACHED = (
    click.option(
        "--nameserver",
        "nameservers",
        multiple=True,
        metavar="IP[:PORT]",
        help="Ask this name server instead of the system's.",
    ),
    click.option(
        "--connect-to",
        multiple=True,
        metavar="HOST:PORT:IP:PORT",
        help="Connect elsewhere, as curl does; empty parts mean any, or the same.",
    ),
    click.option(
        "--allow-network",
        "allow_networks",
        multiple=True,
        metavar="CIDR",
        help="Let connections into this network, for tests.",
    ),
    click.option(
        "--ca-file",
        type=click.Path(dir_okay=False),
        metavar="PEM",
        help="Trust these certificates as well.",
    ),
)


def reached(command: Command) -> Command:
    """Add the options that say how servers are reached."""
    for option in reversed(_REACHED):
        command = option(command)
    return command
