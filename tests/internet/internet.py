"""A fake internet that is up for as long as a `with` lasts, in a process of its own.

Room: network (it starts the server's process and reads its log).
"""

import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from multiprocessing import Pipe
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from tests.internet.behaviours import BEHAVIOURS, Behaviour
from tests.internet.host import Host
from tests.internet.places import Place
from tests.internet.plug import Change, Cut, Plug
from tests.internet.replay import ReplayOptions
from tests.internet.request_log import (
    LOOKUPS,
    REQUESTS,
    LoggedLookup,
    LoggedRequest,
    LogReader,
    logged_lookup,
    logged_request,
)

ALLOWED_NETWORKS = ("127.0.0.0/8", "::1/128")
_ROOT = Path(__file__).parent.parent.parent
_START_LIMIT_S = 60.0


class FakeInternetError(Exception):
    """The server's process did not come up; what it said is on stderr."""


class FakeInternet:
    """Name server, HTTP and HTTPS servers and their log; `with FakeInternet() as internet: …`.

    `hosts` are hosts of your own and names of behaviours, None for every behaviour; `replay` adds
    the hosts of the 2019 recording. The log can be read while it is up and afterwards. `popen` starts
    its process.
    """

    popen: ClassVar[Callable[..., "subprocess.Popen[bytes]"]] = subprocess.Popen

    def __init__(
        self, hosts: Iterable[Host | str] | None = None, *, replay: ReplayOptions | None = None
    ) -> None:
        """Prepare, but start nothing. KeyError for a behaviour that there is not."""
        self._hosts = _resolved(BEHAVIOURS if hosts is None else hosts)
        self._replay = replay
        self._place: Place | None = None

    def __enter__(self) -> Self:
        """Start the server's process and wait until it is up."""
        self._folder = Path(tempfile.mkdtemp(prefix="stillup-internet-"))
        self._requests = LogReader(self._folder / REQUESTS, logged_request)
        self._lookups = LogReader(self._folder / LOOKUPS, logged_lookup)
        self._pipe, theirs = Pipe()
        with theirs:
            end = theirs.fileno()
            command = [sys.executable, "-m", "tests.internet.server", str(end)]
            self._server = self.popen(command, cwd=_ROOT, pass_fds=[end])
        self._pipe.send((self._hosts, self._replay, self._folder))
        self._place = self._told_place()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process, keep its log and remove its folder."""
        self._pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._server.wait(10)
        self._server.kill()
        self._server.wait()
        self.log(), self.lookups()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def place(self) -> Place:
        """Where everything is: ports, and the address of every host."""
        if self._place is None:
            raise FakeInternetError("not started: use it in a `with`")
        return self._place

    @property
    def nameserver(self) -> str:
        """The value of `--nameserver`."""
        return self.place.nameserver

    @property
    def connect_to(self) -> tuple[str, ...]:
        """The values of `--connect-to`, in an order that matters: the first that fits counts."""
        return self.place.connect_to

    @property
    def ca_file(self) -> Path:
        """The value of `--ca-file`; the file is gone when the fake internet is."""
        return self.place.ca_file

    def flags(self) -> list[str]:
        """Return the arguments that send `stillup crawl` here."""
        reached = [part for rule in self.connect_to for part in ("--connect-to", rule)]
        allowed = [part for net in ALLOWED_NETWORKS for part in ("--allow-network", net)]
        trusted = [*allowed, "--ca-file", str(self.ca_file)]
        return ["--nameserver", self.nameserver, *reached, *trusted]

    def log(self) -> list[LoggedRequest]:
        """Return every request so far, in the order of arrival."""
        return self._requests.rows()

    def lookups(self) -> list[LoggedLookup]:
        """Return every DNS question so far, in the order of arrival."""
        return self._lookups.rows()

    def unplug(self, *cuts: Cut, suffixes: tuple[str, ...] = ("",)) -> None:
        """Cut every host off, or those whose names end so, until `plug_in`. Returns when it is done.

        `Cut.SERVERS` is for all hosts at once.
        """
        self._pipe.send(Plug(frozenset(cuts), suffixes))
        self._pipe.recv()

    def plug_in(self) -> None:
        """Put the plug back."""
        self.unplug()

    def change(self, *hosts: Host) -> None:
        """Let these hosts answer for their names from now on, as when an operator takes something down.

        What the name server says of the names changes as well; where they listen and what they show
        on their TLS port does not. Returns when it is done.
        """
        self._pipe.send(Change(hosts))
        self._pipe.recv()

    def _told_place(self) -> Place:
        told = None
        try:
            if self._pipe.poll(_START_LIMIT_S):
                told = self._pipe.recv()
        except EOFError:
            pass
        if not isinstance(told, Place):
            self.__exit__(None, None, None)
            raise FakeInternetError("the fake internet did not come up")
        return told


def _resolved(hosts: Iterable[Host | str]) -> list[Host]:
    """Turn names into behaviours, with the behaviours that these need, each once."""
    by_name: dict[str, Host] = {}
    waiting = list(hosts)
    while waiting:
        host = waiting.pop(0)
        known = BEHAVIOURS[host]() if isinstance(host, str) else host
        if known.names[0] not in by_name:
            by_name[known.names[0]] = known
            waiting += known.needs if isinstance(known, Behaviour) else ()
    return list(by_name.values())
