"""HTTP/1.1 on the wire, as bytes in and bytes out (RFC 9112), ranges and validators (RFC 9110).

Room: pure rules. Knows nothing of sockets, and of hosts only what a `Reply` says.
"""

import re
from dataclasses import replace
from functools import cache
from http import HTTPStatus

from tests.internet.messages import Reply, Request

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_SCHEME_PORT = {"http": ":80", "https": ":443"}


def parse_head(head: bytes) -> tuple[str, str, str] | None:
    """Return method, target and authority of a request's head, or None for what is no request."""
    line, _, rest = head.partition(b"\r\n")
    words = line.split(b" ")
    if len(words) != 3 or not words[2].startswith(b"HTTP/1."):
        return None
    lowered = b"\r\n" + rest.lower()
    start = lowered.find(b"\r\nhost:")
    if start < 0:
        return None
    authority = lowered[start + 7 :].partition(b"\r\n")[0].strip()
    return words[0].decode("latin-1"), words[1].decode("latin-1"), authority.decode("latin-1")


def without_scheme_port(authority: str, scheme: str) -> str:
    """Drop `:80` from http and `:443` from https, as the WHATWG URL standard writes a host."""
    return authority.removesuffix(_SCHEME_PORT[scheme])


def frame(reply: Reply, request: Request) -> bytes:
    """Return the whole answer; a HEAD gets the headers that a GET would get."""
    reply = _part(_validated(reply, request), request)
    lines = [f"HTTP/1.1 {reply.status} {reply.reason or _reason(reply.status)}"]
    lines += [f"{name}: {text}" for name, text in reply.headers]
    bodiless = reply.status in {204, 304}
    if not bodiless:
        lines.append(_length_line(reply))
    if reply.last:
        lines.append("Connection: close")
    head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
    if bodiless or request.method == "HEAD":
        return head
    return head + (_chunks(reply.body) if reply.chunked else reply.body)


def wants_close(request: Request) -> bool:
    """Tell whether the client asked for the connection to be closed after this answer."""
    if (request.header("connection") or "").lower() == "close":
        return True
    return request.head.partition(b"\r\n")[0].endswith(b"HTTP/1.0")


def _length_line(reply: Reply) -> str:
    return "Transfer-Encoding: chunked" if reply.chunked else f"Content-Length: {len(reply.body)}"


def _chunks(body: bytes) -> bytes:
    return (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"


@cache
def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _validated(reply: Reply, request: Request) -> Reply:
    """Answer 304 where the client already holds what the reply's validators name."""
    if reply.status != 200 or b"\r\nif-" not in request.head.lower():
        return reply
    headers = {name.lower(): text for name, text in reply.headers}
    tag, since = request.header("if-none-match"), request.header("if-modified-since")
    same = tag == headers.get("etag") if tag else since == headers.get("last-modified")
    return replace(reply, status=304, body=b"") if same and (tag or since) else reply


def _part(reply: Reply, request: Request) -> Reply:
    """Answer 206 or 416 where the client asks for one range and the host gives ranges."""
    wanted = _RANGE.fullmatch(request.header("range") or "") if reply.ranges else None
    if wanted is None or reply.status != 200 or wanted.group() == "bytes=-":
        return reply
    size = len(reply.body)
    first, last = _bounds(wanted[1], wanted[2], size)
    if first >= size:
        unmet = ("Content-Range", f"bytes */{size}")
        return replace(reply, status=416, headers=(*reply.headers, unmet), body=b"")
    span = ("Content-Range", f"bytes {first}-{last}/{size}")
    body = reply.body[first : last + 1]
    return replace(reply, status=206, headers=(*reply.headers, span), body=body, chunked=False)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1
