"""One name server, over UDP, and over TCP where an answer does not fit.

Room: network. Sends questions in their turn and reads answers by `crawler/dns_message.py`; what its
word is worth is not decided here. An answer must come from the server's address to the port that
asked, with the number and the name of a question that waits for it; ports change as the crawl goes on.
"""

import asyncio
import secrets
import struct
from collections.abc import Coroutine
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, cast

from crawler.dns_message import BadMessageError, Kind, Rcode, Reply, question, reply
from crawler.name_memory import Said, together
from crawler.nameservers import Rate
from crawler.visit.addressed import nameserver_address
from crawler.visit.files import OutOfFilesError, none_is_left

_KINDS = (Kind.A, Kind.AAAA)
_PER_PORT = 1_000  # questions from one port: who guesses its number has few tries
_LINGER_S = 10.0  # for answers to the last of them
_OVER_TCP_AT_A_TIME, _TCP_S = 8, 4.0


@dataclass(slots=True, eq=False)
class Asking:
    """A name that a server was asked for: the questions, what was replied, and what is said in all."""

    name: str
    questions: dict[Kind, bytes]
    said: asyncio.Future[Said]
    replies: dict[Kind, Reply] = field(default_factory=dict)
    ports: list["_Port"] = field(default_factory=list)

    def replied(self, kind: Kind, answer: Reply) -> None:
        """Note a reply; when there is one of each kind, it is said what they come to."""
        self.replies[kind] = answer
        if len(self.replies) == len(_KINDS) and not self.said.done():
            self.said.set_result(together([self.replies[one] for one in _KINDS]))

    def failed(self, why: str) -> None:
        """Say that nothing is to be had."""
        if not self.said.done():
            self.said.set_result(Said(why=why))

    def forget(self) -> None:
        """Wait for nothing any more."""
        for port in self.ports:
            for packed in self.questions.values():
                port.waiting.pop(_number(packed), None)
        self.said.cancel()


class NameServer:
    """Asks one name server, `ip` or `ip:port`, at most at a rate. Close it at the end."""

    def __init__(self, text: str, rate: Rate) -> None:
        """Ask nobody yet. Raises ValueError for what is no address."""
        self.text = text
        self._address = nameserver_address(text)
        self._rate = rate
        self._due_at, self._in_line = 0.0, 0
        self._edns = True
        self._port: _Port | None = None
        self._line, self._opening = asyncio.Lock(), asyncio.Lock()
        self._over_tcp = asyncio.Semaphore(_OVER_TCP_AT_A_TIME)
        self._tasks: set[asyncio.Task[None]] = set()

    def free_at(self, now: float) -> float:
        """Return when the next question may leave."""
        return self._rate.reserved(self._due_at + self._in_line / self._rate.per_s, now)[0]

    def asking(self, name: str) -> Asking:
        """Make the questions for a name. Raises BadNameError."""
        packed = {
            kind: question(secrets.randbits(16), name, kind, edns=self._edns) for kind in _KINDS
        }
        return Asking(name, packed, asyncio.get_running_loop().create_future())

    async def send(self, asking: Asking) -> None:
        """Send, or send again, what was not replied to, when it is its turn. Raises OutOfFilesError."""
        missing = [kind for kind in _KINDS if kind not in asking.replies]
        await self._turn(len(missing))
        try:
            port = await self._usable_port()
        except OSError as error:
            if none_is_left():
                raise OutOfFilesError from error
            asking.failed(f"cannot be reached: {error.strerror or error}")
            return
        asking.ports.append(port)
        for kind in missing:
            port.send(asking, kind)

    async def close(self) -> None:
        """Give back the sockets."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._port is not None:
            self._port.close()

    def replied(self, asking: Asking, kind: Kind, answer: Reply) -> None:
        """Take a reply, or ask in another way for one."""
        if answer.truncated:
            self._later(self._ask_over_tcp(asking, kind))
        elif answer.rcode == Rcode.FORMERR and _has_edns(asking.questions[kind]):
            self._edns = False  # it is from before RFC 6891, whose 7 says to ask again without
            asking.questions[kind] = question(secrets.randbits(16), asking.name, kind, edns=False)
            self._later(self.send(asking))
        else:
            asking.replied(kind, answer)

    async def _turn(self, questions: int) -> None:
        """Wait for the turn of so many questions, behind those who came before.

        One at a time, so that those whose turn came while this process stood still do not all leave
        at once when it goes on.
        """
        self._in_line += questions
        try:
            async with self._line:
                leaves_at = now = monotonic()
                for _ in range(questions):
                    leaves_at, self._due_at = self._rate.reserved(self._due_at, now)
                if leaves_at > now:
                    await asyncio.sleep(leaves_at - now)
        finally:
            self._in_line -= questions

    async def _usable_port(self) -> "_Port":
        """Return the port to ask from, a new one after so many questions. Raises OSError."""
        port = self._port
        if port is not None and port.is_usable:
            return port
        async with self._opening:
            port = self._port
            if port is None or not port.is_usable:
                if port is not None:
                    asyncio.get_running_loop().call_later(_LINGER_S, port.close)
                self._port = port = await self._opened()
        return port

    async def _opened(self) -> "_Port":
        loop = asyncio.get_running_loop()
        _, port = await loop.create_datagram_endpoint(
            lambda: _Port(self), remote_addr=self._address
        )
        return port

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask_over_tcp(self, asking: Asking, kind: Kind) -> None:
        """Ask again where an answer did not fit (RFC 7766); a failure is one of the server."""
        packed = asking.questions[kind]
        try:
            async with self._over_tcp, asyncio.timeout(_TCP_S):
                await self._turn(1)
                answer = reply(await self._exchanged(packed), packed)
        except (OSError, EOFError, BadMessageError, TimeoutError) as error:
            asking.failed(f"gives no whole answer: {type(error).__name__}")
        else:
            asking.replied(kind, answer)

    async def _exchanged(self, packed: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(*self._address)
        try:
            writer.write(struct.pack("!H", len(packed)) + packed)
            (length,) = struct.unpack("!H", await reader.readexactly(2))
            return await reader.readexactly(length)
        finally:
            writer.close()


class _Port(asyncio.DatagramProtocol):
    """A port of ours that is connected to a name server: what comes from anybody else is dropped."""

    def __init__(self, server: NameServer) -> None:
        self._server = server
        self._sent = 0
        self._transport: asyncio.DatagramTransport | None = None
        self.waiting: dict[int, tuple[Asking, Kind]] = {}

    @property
    def is_usable(self) -> bool:
        """Tell whether it is open, and has not been used too often."""
        transport = self._transport
        return transport is not None and not transport.is_closing() and self._sent < _PER_PORT

    def send(self, asking: Asking, kind: Kind) -> None:
        """Send one question of a name, under a number that no other one waits under."""
        packed = asking.questions[kind]
        while self.waiting.get(_number(packed), (asking, kind)) != (asking, kind):
            packed = struct.pack("!H", secrets.randbits(16)) + packed[2:]
        asking.questions[kind] = packed
        self.waiting[_number(packed)] = asking, kind
        self._sent += 1
        if self._transport is not None:
            self._transport.sendto(packed)

    def close(self) -> None:
        """Close the socket."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the open socket."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002
        """Take an answer; what answers no question of ours is dropped."""
        found = self.waiting.get(int.from_bytes(data[:2], "big"))
        if found is None:
            return
        asking, kind = found
        try:
            answer = reply(data, asking.questions[kind])
        except BadMessageError:
            return  # the true one may still come; if none does, the server was silent
        del self.waiting[_number(data)]
        self._server.replied(asking, kind, answer)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there (ICMP), or no way leads there: that goes for all who wait."""
        waiting, self.waiting = self.waiting, {}
        for asking, _ in waiting.values():
            asking.failed(f"cannot be reached: {getattr(exc, 'strerror', None) or exc}")


def _number(packed: bytes) -> int:
    return int.from_bytes(packed[:2], "big")


def _has_edns(packed: bytes) -> bool:
    return packed[11] == 1
