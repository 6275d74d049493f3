"""What a fake host is asked and what it answers: values, and no socket.

Room: pure rules. A host decides; `connection.py` acts. An answer is either a `Reply`, which is
framed as HTTP wants it, or a `Script`: steps on the raw connection, for everything that HTTP does
not allow.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in. `target` is byte for byte what was on the wire (as latin-1)."""

    method: str
    target: str
    authority: str  # the Host header, lower case: with a port where it is not the scheme's
    scheme: str
    ip: str  # the address of ours that was connected to
    port: int
    connection_id: int
    monotonic_s: float
    wall_s: float
    head: bytes  # request line and header lines, without the empty line

    @property
    def host(self) -> str:
        """The host that was asked for, without a port."""
        return self.authority.partition(":")[0]

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def url(self) -> str:
        """The URL as a WHATWG parser writes it, if the client sent what such a parser writes."""
        return f"{self.scheme}://{self.authority}{self.target}"

    def header(self, name: str) -> str | None:
        """Return the first value of a header, or None; `name` in lower case."""
        start = self.head.lower().find(b"\r\n" + name.encode() + b":")
        if start < 0:
            return None
        start += len(name) + 3
        end = self.head.find(b"\r\n", start)
        return self.head[start : end if end >= 0 else None].decode("latin-1").strip()

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Every header, in order, as it was written."""
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return tuple((name, text.strip()) for name, _, text in (x.partition(":") for x in lines))


Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A proper answer; the framing headers are added when it is written (`framing.py`).

    `ranges` tells whether a Range request is honoured, `chunked` whether the length is withheld,
    `last` whether the connection is closed after it (and says so).
    """

    status: int = 200
    headers: Headers = ()
    body: bytes = b""
    reason: str | None = None
    ranges: bool = False
    chunked: bool = False
    last: bool = False


@dataclass(frozen=True, slots=True)
class Send:
    """Write these bytes as they are, and wait until the client has taken most of them."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Respond:
    """Write a proper reply, framed for the request that is being answered."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing for a while."""

    delay_s: float


@dataclass(frozen=True, slots=True)
class Stall:
    """Do nothing until the client goes away."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection in order (FIN), once what was written has gone out."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Tear the connection down (RST, by SO_LINGER 0)."""


Step = Send | Respond | Wait | Stall | Close | Reset


@dataclass(frozen=True, slots=True)
class Script:
    """Steps on the raw connection, taken lazily, and the status they amount to (None: none)."""

    steps: Iterable[Step]
    status: int | None = None


Answer = Reply | Script


def page(status: int, text: str, *, headers: Headers = (), reason: str | None = None) -> Reply:
    """Return a small HTML page with this status."""
    body = f"<!doctype html>\n<title>{text}</title>\n<h1>{text}</h1>\n".encode()
    return Reply(
        status=status, headers=(("Content-Type", "text/html"), *headers), body=body, reason=reason
    )


def plain_text(body: str | bytes, *, status: int = 200) -> Reply:
    """Return a text/plain reply, as robots.txt is one."""
    encoded = body.encode() if isinstance(body, str) else body
    return Reply(status=status, headers=(("Content-Type", "text/plain"),), body=encoded)


NOT_FOUND = page(404, "Not found")
