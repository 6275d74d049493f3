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
from collections.abc import Sequence
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

import uvloop

from tests.internet import places
from tests.internet.certificates import Certificates
from tests.internet.connection import Connection
from tests.internet.dns import NameServer
from tests.internet.host import Host
from tests.internet.places import Place, Ports
from tests.internet.replay import ReplayOptions, recording, replay_hosts
from tests.internet.request_log import LOOKUPS, REQUESTS, LogWriter

_BACKLOG = 1024
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
    ended = asyncio.Event()
    loop.add_reader(pipe.fileno(), ended.set)
    with _closed_port() as refused, _black_hole() as black_hole:
        pipe.send(await _bring_up(hosts, folder, refused, black_hole))
        await ended.wait()
    loop.remove_reader(pipe.fileno())


async def _bring_up(hosts: list[Host], folder: Path, refused: int, black_hole: int) -> Place:
    listening = places.listening_address()
    by_name = {name: host for host in hosts for name in host.names}
    certificates = Certificates(by_name)
    certificates.write_ca(folder / "ca.pem")
    log = LogWriter(folder / REQUESTS)
    http = await _listen(by_name, log, listening, None)
    https = await _listen(by_name, log, listening, certificates.context())
    placed = places.addresses(hosts, listening)
    names = NameServer(places.dns_rules(hosts, placed), LogWriter(folder / LOOKUPS))
    await names.start()
    ports = Ports(http, https, refused, black_hole)
    rules = places.connect_to(hosts, placed, ports, _more_ports(hosts))
    return Place(f"127.0.0.1:{names.port}", rules, folder / "ca.pem", ports, placed)


async def _listen(
    hosts: dict[str, Host], log: LogWriter, address: str, tls: ssl.SSLContext | None
) -> int:
    scheme = "https" if tls else "http"
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(hosts, log, scheme), address, 0, ssl=tls, backlog=_BACKLOG
    )
    port: int = server.sockets[0].getsockname()[1]
    return port


def _more_ports(hosts: list[Host]) -> set[int]:
    return {port for host in hosts for port in host.more_ports}


@contextlib.contextmanager
def _closed_port() -> Any:
    """Hold a port that nobody listens on, so that connecting to it is refused."""
    with socket.socket() as held:
        held.bind((places.listening_address(), 0))
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
