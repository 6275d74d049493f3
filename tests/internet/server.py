"""The server's process: brings everything up, says where it is, and ends when nobody holds on to it.

Room: network. Started by `internet.FakeInternet`; the pipe between the two is the lifeline: when
the other end closes, for whatever reason, this process ends.
"""

import asyncio
import contextlib
import resource
import signal
import socket
import ssl
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any, cast
from weakref import WeakSet

import uvloop

from tests.internet import places
from tests.internet.certificates import Certificates
from tests.internet.connection import Connection
from tests.internet.dns import NameServer
from tests.internet.host import Host, Listening, Lookup
from tests.internet.places import Place, Ports
from tests.internet.plug import Change, Cut, Plug
from tests.internet.replay import ReplayOptions, recording, replay_hosts
from tests.internet.request_log import LOOKUPS, REQUESTS, LogWriter

_BACKLOG = 1024
_LOOPBACK_V6 = "::1"
_FILES = 65_536


def run(pipe: Pipe, hosts: Sequence[Host], replay: ReplayOptions | None, folder: Path) -> None:
    """Serve until the other end of `pipe` is closed; the `Place` is sent once all is up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other end decides when to end
    _raise_file_limit()
    everyone = [*hosts, *_replayed(replay)]
    uvloop.run(_serve(pipe, everyone, folder))


def _replayed(options: ReplayOptions | None) -> Sequence[Host]:
    return () if options is None else replay_hosts(recording(options.links), options)


def _raise_file_limit() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if most == resource.RLIM_INFINITY else min(_FILES, most)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


async def _serve(pipe: Pipe, hosts: list[Host], folder: Path) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_quiet_about_clients)
    told = asyncio.Event()
    with _closed_port() as refused, _black_hole() as black_hole, _silent_port() as silent:
        outlets, world = Outlets(Plug(), []), World({}, {}, {})
        nobody = (refused, black_hole, silent)
        pipe.send(await _bring_up(hosts, folder, nobody, outlets, world))
        # Only now: a pipe that the loop watches does not wait while a large `Place` is read.
        loop.add_reader(pipe.fileno(), told.set)
        while (wanted := await _next_wish(pipe, told)) is not None:
            if isinstance(wanted, Change):
                world.change(wanted.hosts)
            else:
                await outlets.cut(wanted)
            pipe.send("done")
    loop.remove_reader(pipe.fileno())


async def _next_wish(pipe: Pipe, told: asyncio.Event) -> Plug | Change | None:
    """Wait to be told what to cut off or to change; None when nobody holds on to us any more."""
    while True:
        await told.wait()
        told.clear()
        try:
            if pipe.poll():
                return cast("Plug | Change", pipe.recv())
        except (EOFError, OSError):
            return None


@dataclass(slots=True)
class World:
    """Who answers for each name, where it is, and what the name server says of it."""

    by_name: dict[str, Host]
    placed: dict[str, str]
    rules: dict[str, Lookup]

    def change(self, hosts: Sequence[Host]) -> None:
        """Let hosts take the place of those that had their names."""
        self.by_name.update({name: host for host in hosts for name in host.names})
        self.rules.update(places.dns_rules(hosts, self.placed))


@dataclass(slots=True)
class Outlets:
    """The ports of a fake internet that is up, and the plug that its servers look at."""

    plug: Plug
    open: list["Outlet"]

    async def opened(
        self,
        make: Callable[[], Connection],
        address: str,
        tls: ssl.SSLContext | None,
        port: int = 0,
    ) -> int:
        """Open a port, a free one if none is given; return which."""
        outlet = Outlet(make, address, tls, port)
        await outlet.listen()
        self.open.append(outlet)
        return outlet.port

    async def cut(self, wanted: Plug) -> None:
        """Cut off what is wanted, and nothing else."""
        self.plug.cuts, self.plug.suffixes = wanted.cuts, wanted.suffixes
        for outlet in self.open:
            if Cut.SERVERS in wanted.cuts:
                outlet.shut()
            else:
                await outlet.listen()


@dataclass(slots=True)
class Outlet:
    """A port that listens while it is not cut off."""

    make: Callable[[], Connection]
    address: str
    tls: ssl.SSLContext | None
    port: int = 0
    _server: asyncio.Server | None = None
    _connections: WeakSet[Connection] = field(default_factory=WeakSet)

    async def listen(self) -> None:
        """Listen on the port that it had, or at first on a free one."""
        if self._server is None:
            self._server = await asyncio.get_running_loop().create_server(
                self._connection, self.address, self.port, ssl=self.tls, backlog=_BACKLOG
            )
            self.port = self._server.sockets[0].getsockname()[1]

    def shut(self) -> None:
        """Refuse whoever comes, and reset every connection there is."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for connection in list(self._connections):
            connection.reset()

    def _connection(self) -> Connection:
        made = self.make()
        self._connections.add(made)
        return made


async def _bring_up(
    hosts: list[Host],
    folder: Path,
    nobody: tuple[int, int, int],
    outlets: Outlets,
    world: World,
) -> Place:
    """Start every server; `nobody` are the ports where connecting is refused, lost, or all."""
    listening = places.listening_address()
    by_name, placed = world.by_name, world.placed
    placed.update(places.addresses(hosts, listening))
    world.change(hosts)
    certificates = Certificates(by_name)
    certificates.write_ca(folder / "ca.pem")
    log = LogWriter(folder / REQUESTS)
    plain = partial(Connection, by_name, log, "http", outlets.plug)
    secure = partial(Connection, by_name, log, "https", outlets.plug)
    http = await outlets.opened(plain, listening, None)
    https = await outlets.opened(secure, listening, certificates.context())
    old_tls = await _old_tls(listening)
    with contextlib.suppress(OSError):  # a machine without IPv6
        await outlets.opened(plain, _LOOPBACK_V6, None, http)
    own_address = 0
    for name in _alone(hosts):
        own_address = await outlets.opened(plain, placed[name], None, own_address)
    names = NameServer(world.rules, LogWriter(folder / LOOKUPS), outlets.plug)
    await names.start()
    ports = Ports(http, https, *nobody, old_tls, own_address)
    rules = places.connect_to(hosts, placed, ports, _more_ports(hosts))
    return Place(f"127.0.0.1:{names.port}", rules, folder / "ca.pem", ports, placed)


class _OldTls(asyncio.Protocol):
    """Says to every handshake what a server says that speaks only what was put away (RFC 8996)."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._transport.write(b"\x15\x03\x01\x00\x02\x02\x46")  # fatal: protocol_version
        self._transport.close()


async def _old_tls(address: str) -> int:
    server = await asyncio.get_running_loop().create_server(_OldTls, address, 0)
    port: int = server.sockets[0].getsockname()[1]
    return port


def _alone(hosts: list[Host]) -> list[str]:
    return [
        name for host in hosts if host.listening is Listening.OWN_ADDRESS for name in host.names
    ]


def _more_ports(hosts: list[Host]) -> set[int]:
    return {port for host in hosts for port in host.more_ports}


@contextlib.contextmanager
def _closed_port() -> Any:
    """Hold a port that nobody listens on, so that connecting to it is refused."""
    with socket.socket() as held:
        held.bind((places.listening_address(), 0))
        yield held.getsockname()[1]


@contextlib.contextmanager
def _silent_port() -> Any:
    """Hold a port where the system takes connections and nobody ever reads from them."""
    with socket.socket() as held:
        held.bind((places.listening_address(), 0))
        held.listen(_BACKLOG)
        yield held.getsockname()[1]


@contextlib.contextmanager
def _black_hole() -> Any:
    """Hold a port whose queue is full and never emptied, so that connecting is not answered."""
    with contextlib.ExitStack() as held:
        listener = held.enter_context(socket.socket())
        listener.bind((places.listening_address(), 0))
        listener.listen(1)
        port = listener.getsockname()[1]
        for _ in range(8):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        yield port


def _quiet_about_clients(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Pass over what clients do to us (a handshake they break off), and report the rest."""
    if not isinstance(context.get("exception"), OSError):
        loop.default_exception_handler(context)


if __name__ == "__main__":
    with Pipe(int(sys.argv[1])) as held:
        run(held, *held.recv())
