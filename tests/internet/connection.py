"""One connection of a client: reads requests, asks the host, writes what it says to.

Room: network. It judges nothing: what is answered, and how badly, is the host's decision. Requests
are answered one after another in the order they came, also when the client does not wait (RFC
9112, 9.3.2).
"""

import asyncio
import itertools
import socket
import struct
import time
from collections.abc import Mapping
from typing import cast

from tests.internet import messages
from tests.internet.framing import frame, parse_head, wants_close, without_scheme_port
from tests.internet.host import Host
from tests.internet.messages import Reply, Request, Respond, Script, Send, Stall, Step, Wait
from tests.internet.plug import Cut, Plug
from tests.internet.request_log import LogWriter

_HEAD_LIMIT_BYTES = 64 * 1024
_NOWHERE = Host()
_LINGER_0 = struct.pack("ii", 1, 0)
_TLS_HANDSHAKE = b"\x16"
_connection_ids = itertools.count(1)


class Connection(asyncio.Protocol):
    """The server's end of one connection, plain or inside TLS."""

    def __init__(
        self, hosts: Mapping[str, Host], log: LogWriter, scheme: str, plug: Plug | None = None
    ) -> None:
        """Answer for `hosts`, by name, and note every request in `log`."""
        self._plug = plug or Plug()
        self._is_cut = False
        self._hosts = hosts
        self._log = log
        self._scheme = scheme
        self._unread = b""
        self._script: asyncio.Task[None] | None = None
        self._drained = asyncio.Event()
        self._drained.set()
        self._is_refused = False  # broken off before its handshake was done

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note who we are; a client that came in over anything but loopback is turned away."""
        # uvloop's transports are not of asyncio's class.
        self._transport = transport = cast("asyncio.Transport", transport)
        self._id = next(_connection_ids)
        self._ip, self._port = transport.get_extra_info("sockname")[:2]
        if self._is_refused or (not self._ip.startswith("127.") and self._ip != "::1"):
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop what was still being said."""
        self._drained.set()
        if self._script is not None:
            self._script.cancel()

    def pause_writing(self) -> None:
        """Note that the client does not take what we write."""
        self._drained.clear()

    def resume_writing(self) -> None:
        """Go on with what was waiting for the client to read."""
        self._drained.set()
        self._answer_unread()

    def data_received(self, received: bytes) -> None:
        """Take in bytes and answer the requests that are whole."""
        if self._is_cut:
            return
        self._unread = self._unread + received if self._unread else received
        if self._unread[:1] == _TLS_HANDSHAKE:
            self._refuse("TLS was spoken to a plain port")
        elif len(self._unread) > _HEAD_LIMIT_BYTES and b"\r\n\r\n" not in self._unread:
            self._refuse("The request's head is too long")
        else:
            self._answer_unread()

    def _answer_unread(self) -> None:
        while self._script is None and self._drained.is_set() and not self._transport.is_closing():
            head, end, rest = self._unread.partition(b"\r\n\r\n")
            if not end:
                return
            self._unread = rest
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        parsed = parse_head(head)
        if parsed is None:
            self._refuse("That was no request")
            return
        request = self._request(head, *parsed)
        if self._plug.cuts_off(Cut.ANSWERS, request.host):
            self._is_cut = True  # for good: what was sent is lost, whatever comes back later
            return
        answer = self._host(request.host).answer(request)
        self._log.request(request, answer.status)
        if isinstance(answer, Script):
            self._script = asyncio.get_running_loop().create_task(self._play(answer, request))
        else:
            self._respond(answer, request)

    def _host(self, name: str) -> Host:
        """Return the host of a name, or the one that answers for every name beside it."""
        found = self._hosts.get(name) or self._hosts.get("*." + name.partition(".")[2])
        return found or _NOWHERE

    def _request(self, head: bytes, method: str, target: str, authority: str) -> Request:
        return Request(
            method=method,
            target=target,
            authority=without_scheme_port(authority, self._scheme),
            scheme=self._scheme,
            ip=self._ip,
            port=self._port,
            connection_id=self._id,
            monotonic_s=time.monotonic(),
            wall_s=time.time(),
            head=head,
        )

    def _respond(self, reply: Reply, request: Request) -> None:
        self._transport.write(frame(reply, request))
        if reply.last or wants_close(request):
            self._transport.close()

    def _refuse(self, why: str) -> None:
        reply = messages.page(400, why).body
        head = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
        self._transport.write(head % len(reply) + reply)
        self._transport.close()

    async def _play(self, script: Script, request: Request) -> None:
        for step in script.steps:
            await self._take(step, request)
            if self._transport.is_closing():
                return
        self._script = None
        self._answer_unread()

    async def _take(self, step: Step, request: Request) -> None:
        match step:
            case Send(payload):
                self._transport.write(payload)
                await self._drained.wait()
            case Respond(reply):
                self._respond(reply, request)
            case Wait(delay_s):
                await asyncio.sleep(delay_s)
            case Stall():
                await asyncio.Event().wait()
            case messages.Close():
                self._transport.close()
            case messages.Reset():
                self.reset()

    def reset(self) -> None:
        """Break off, so that the client is told at once; where TLS is still agreed on, after that."""
        if not hasattr(self, "_transport"):
            self._is_refused = True
            return
        ours = self._transport.get_extra_info("socket")
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_0)
        self._transport.abort()
