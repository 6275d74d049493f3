"""A client without manners or judgement: raw sockets, led to the fake internet by its flags.

Room: network.
"""

import socket
import ssl
from functools import cache
from http.client import HTTPResponse
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import dnslib

from tests.internet import BEHAVIOURS, FakeInternet

_PORTS = {"http": 80, "https": 443}


def url_of(name: str) -> str:
    """Return the first URL that a behaviour is to be looked at by."""
    return BEHAVIOURS[name].expectations()[0][0]


class RawClient:
    """One connection to the host of `url`; `with RawClient(internet, url) as client: …`."""

    def __init__(
        self,
        internet: FakeInternet,
        url: str,
        *,
        timeout_s: float = 5.0,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Connect, as `--nameserver` and `--connect-to` say; OSError if that fails."""
        parts = urlsplit(url)
        self.host, self.target = parts.netloc, parts.path + ("?" + parts.query) * bool(parts.query)
        address = route(internet, parts.hostname or "", parts.port or _PORTS[parts.scheme])
        self.socket = socket.create_connection(address, timeout_s)
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_hostname=parts.hostname)

    def __enter__(self) -> Self:
        """Hold the connection."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.socket.close()

    def send(self, method: str = "GET", target: str | None = None, **headers: str) -> None:
        """Send a request; `If_Range="x"` is the header `If-Range: x`."""
        lines = [f"{method} {target or self.target} HTTP/1.1", f"Host: {self.host}"]
        lines += [f"{name.replace('_', '-')}: {text}" for name, text in headers.items()]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def reply(self, method: str = "GET") -> tuple[HTTPResponse, bytes]:
        """Read one answer and its body."""
        response = HTTPResponse(self.socket, method=method)
        response.begin()
        return response, response.read()

    def rest(self, limit_bytes: int = 1 << 30) -> bytes:
        """Read on until the other side closes, or at least `limit_bytes`."""
        received = bytearray()
        while len(received) < limit_bytes and (piece := self.socket.recv(65_536)):
            received += piece
        return bytes(received)


def get(
    internet: FakeInternet, url: str, method: str = "GET", **headers: str
) -> tuple[HTTPResponse, bytes]:
    """Ask once, over a connection of its own, trusting the CA of the fake internet."""
    context = _trusting(internet.ca_file) if url.startswith("https:") else None
    with RawClient(internet, url, context=context) as client:
        client.send(method, **headers)
        return client.reply(method)


@cache
def _trusting(ca_file: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)


def ask(
    internet: FakeInternet, name: str, qtype: str = "A", *, tcp: bool = False
) -> dnslib.DNSRecord:
    """Ask the name server once; TimeoutError if it is silent."""
    ip, _, port = internet.nameserver.partition(":")
    question = dnslib.DNSRecord.question(name, qtype)
    return dnslib.DNSRecord.parse(question.send(ip, int(port), tcp=tcp, timeout=0.5))


def route(internet: FakeInternet, host: str, port: int) -> tuple[str, int]:
    """Return where to connect to: the name server's answer, changed by `--connect-to`."""
    for rule in internet.connect_to:
        of_host, of_port, to_host, to_port = rule.split(":")
        if of_host in {"", host} and of_port in {"", str(port)}:
            return to_host or _address(internet, host), int(to_port or port)
    return _address(internet, host), port


def _address(internet: FakeInternet, host: str) -> str:
    reply = ask(internet, host)
    return str((ask(internet, host, tcp=True) if reply.header.tc else reply).short())
