"""The front door: every command on one screen, no logic.

Room: command line. A command's module is imported only when it is called, so that `stillup sql`
does not pay for Scrapy nor `stillup crawl` for DuckDB.
"""

import importlib
import sys
from collections.abc import Sequence

import click

from crawler.records.errors import RunFailed
from crawler.records.shown import error_line

COMMANDS = {
    "plan": ("crawler.commands.plan", "Read a dataset's links into a run, by shard."),
    "crawl": ("crawler.commands.crawl", "Look at every link of a run that is still due."),
    "status": (
        "analysis.commands.status",
        "What is planned, done and left; the pace; the time left.",
    ),
    "sql": ("analysis.commands.sql", "Ask the run in SQL, also during a crawl."),
    "verdicts": ("analysis.commands.verdicts", "The liveness of the dataset, with its confidence."),
    "fingerprint": (
        "pictures.commands.fingerprint",
        "Hashes of pictures on this machine; they go nowhere.",
    ),
    "match": ("analysis.commands.match", "Hash lists against what a run saw or was promised."),
    "find": ("analysis.commands.find", "Every place that serves a picture of yours."),
    "findings": ("analysis.commands.findings", "Ranked domains with their reasons."),
    "contacts": ("bridge.contacts", "Whom to write to about what is confirmed."),
    "review": ("analysis.commands.review", "Confirm or dismiss a finding, by a person."),
    "report": ("analysis.commands.report", "What hosts are sent about what was confirmed."),
    "serve": ("analysis.commands.serve", "The review desk, in a browser on this machine."),
    "recheck": ("analysis.commands.recheck", "Plan the next round: the links that are due."),
    "takedowns": ("analysis.commands.takedowns", "What became of reported links, and how soon."),
    "compact": ("crawler.commands.compact", "Fewer, larger segments; no reader notices."),
    "publish": ("analysis.commands.publish", "Build run.duckdb (a crawl does it at its end)."),
    "simulate": (
        "crawler.commands.simulate",
        "How long a crawl would take, how much, and what bounds it.",
    ),
    "refresh": ("crawler.commands.refresh", "Renew the offline tables where there is a network."),
}


class FrontDoor(click.Group):
    """A group that knows its commands by name and imports one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands in the order of a run's life."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the module of `cmd_name` and return its command, or None."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(COMMANDS[cmd_name][0]), cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands from the table, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=FrontDoor, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="stillup", message="stillup %(version)s")
def front_door() -> None:
    """Which links of a dataset are still up, what they serve now, and who hosts them."""


@front_door.result_callback()
def go_on(following: tuple[str, ...] | None) -> None:
    """Run the command that another one leads to: a whole crawl is published."""
    if following:
        front_door.main(list(following), prog_name="stillup", standalone_mode=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; leave with 0 on success, 1 on a failed run, 2 on wrong use."""
    try:
        front_door.main(arguments, prog_name="stillup", standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except (click.ClickException, RunFailed) as error:
        text = error.format_message() if isinstance(error, click.ClickException) else str(error)
        click.echo(f"stillup: {error_line(text)}", err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stillup: stopped", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
