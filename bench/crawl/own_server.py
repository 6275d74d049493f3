"""The server where nginx is not installed: keep-alive HTTP/1.1 from memory, on uvloop.

A program: `python -m bench.crawl.own_server FOLDER PORT...`. Serves the files of FOLDER by name,
whatever the query, and 404 for the rest (robots.txt with it). Answers this machine only.
"""

import asyncio
import sys
from pathlib import Path
from typing import cast

import uvloop

_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class OwnServer(asyncio.Protocol):
    """One connection: answers each request in the order it came."""

    def __init__(self, answers: dict[bytes, bytes]) -> None:
        self._answers = answers
        self._left = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Refuse whoever is not on this machine: the port is open on every address."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is not a subclass
        if not transport.get_extra_info("peername")[0].startswith("127."):
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Answer every request whose head is complete; keep the rest."""
        *heads, self._left = (self._left + data).split(b"\r\n\r\n")
        for head in heads:
            method, _, rest = head.partition(b" ")
            path = rest.partition(b" ")[0].partition(b"?")[0]
            answer = self._answers.get(path, _NOT_FOUND)
            if method == b"HEAD":
                answer = answer[: answer.index(b"\r\n\r\n") + 4]
            self._transport.write(answer)
            if b"\r\nconnection: close" in head.lower():
                self._transport.close()


def answers(folder: Path) -> dict[bytes, bytes]:
    """What is answered for each path: head and body in one piece."""
    return {f"/{path.name}".encode(): _answer(path.read_bytes()) for path in folder.iterdir()}


def _answer(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def serve(folder: Path, ports: list[int]) -> None:
    """Listen on every port until the process is ended."""
    known = answers(folder)
    loop = asyncio.get_running_loop()
    for port in ports:
        await loop.create_server(lambda: OwnServer(known), "0.0.0.0", port, backlog=4096)  # noqa: S104 (every 127.x.y.z)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1]), [int(port) for port in sys.argv[2:]]))
