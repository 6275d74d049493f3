"""`stillup serve`: the review desk, in a browser on this machine.

Room: command line.
"""

import secrets
from contextlib import suppress
from datetime import UTC, datetime

import click

from analysis.deciding import refuse_unfit
from analysis.derive import derive
from analysis.desk.desk import Desk
from analysis.desk.doors import Doors
from analysis.desk.server import DeskServer
from analysis.printing import set_aside
from analysis.review import TERMS
from analysis.runfile import read_run
from analysis.segments import list_segments
from analysis.session import Terms, open_session
from crawler.records.errors import disk_failure

# All that a page asks is computed once, at the start.
_TERMS = Terms(stored=(*TERMS.stored, "findings", "live_links"), tables=TERMS.tables)


@click.command()
@click.argument("run")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="A free one if left out.")
@click.option("--by", metavar="WHO", default="", help="Who decides; can be changed in the form.")
def serve(run: str, port: int, by: str) -> None:
    """Look through the findings of RUN and decide on them in a browser, on this machine alone.

    The same list, reasons and decisions as `findings` and `review`. The address that is printed holds the
    key of this start. No picture is shown. Ctrl-C ends it.

    \b
    stillup serve runs/laion --by "A. Roe"
    """  # noqa: D301 - the backspace is click's mark
    refuse_unfit(by=by)
    facts = read_run(run)
    derive(facts, set_aside)
    listing = list_segments(facts.store)
    for segment in listing.set_aside:
        set_aside(segment)
    try:
        server = DeskServer(port)
    except OSError as error:
        raise disk_failure(f"cannot listen on 127.0.0.1:{port}", error) from error
    with server, open_session(facts, listing, _TERMS) as session:
        doors = Doors(server.server_address[1], secrets.token_urlsafe(32))
        server.desk = Desk(facts, session, doors, by, lambda: datetime.now(UTC))
        with suppress(KeyboardInterrupt):  # the way to end it, once it is told where
            click.echo(f"http://127.0.0.1:{doors.port}/?key={doors.key}")
            server.serve_forever()
