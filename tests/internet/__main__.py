"""The fake internet by hand: `python -m tests.internet`, until Ctrl-C.

Room: command line.
"""

import shlex
import signal
import socket

import click

from tests.internet import BEHAVIOURS, FakeInternet, ReplayOptions

_ENDING = {signal.SIGINT, signal.SIGTERM}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, metavar="[BEHAVIOUR]...")
@click.option(
    "--list", "listing", is_flag=True, help="List the behaviours and what must come of them."
)
@click.option("--replay", is_flag=True, help="Add the hosts of the 2019 recording.")
@click.option(
    "--robots",
    type=click.Choice(["open", "mixed"]),
    default="open",
    show_default=True,
    help="Whether a few replayed hosts have a robots.txt that forbids or slows.",
)
@click.option(
    "--latency-ms", default=0.0, show_default=True, help="Median latency of replayed hosts."
)
def main(
    names: tuple[str, ...], listing: bool, replay: bool, robots: str, latency_ms: float
) -> None:
    """Serve these BEHAVIOURs (all, if none is named) and print the flags that lead to them.

    \b
    python -m tests.internet redirect-loop drip
    python -m tests.internet --replay --robots mixed
    """  # noqa: D301  (click's mark for a paragraph to be left as it is)
    if listing:
        _list()
        return
    unknown = sorted(set(names) - set(BEHAVIOURS))
    if unknown:
        raise click.UsageError(f"no behaviour is called {unknown[0]}; see --list")
    options = ReplayOptions(robots="mixed" if robots == "mixed" else "open", latency_ms=latency_ms)
    asked_to_end = _endings()
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)  # which the servers inherit: we end them
    with FakeInternet(names or None, replay=options if replay else None) as internet:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        click.echo(shlex.join(internet.flags()))
        click.echo("serving; Ctrl-C ends it", err=True)
        asked_to_end.recv(1)


def _endings() -> socket.socket:
    """Return a socket that can be read once we were told to end, whichever thread was told."""
    ours, told = socket.socketpair()
    told.setblocking(False)
    signal.set_wakeup_fd(told.detach())
    for number in _ENDING:
        signal.signal(number, lambda *_: None)
    return ours


def _list() -> None:
    for name, behaviour in BEHAVIOURS.items():
        click.echo(f"{name:28} {(behaviour.__doc__ or '').strip()}")
        for url, wanted in behaviour.expectations():
            status = "" if wanted.status is None else f" {wanted.status}"
            click.echo(f"{'':28} {url} → {wanted.outcome}{status}")


if __name__ == "__main__":
    main()
