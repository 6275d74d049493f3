"""A recorded reply → the reply that is served: its status and headers, and a body made for it.

Room: pure rules. Headers that spoke of the recorded bytes or of the recorded connection are left
out; the body is a picture, a page or a text of the recorded size, up to a limit.
"""

from tests.internet.messages import Headers, Reply
from tests.internet.pictures import MEDIA_TYPES, filler, picture
from tests.internet.replay.recording import RecordedReply, authority_of

# Of the connection and its framing (RFC 9110, 7.6.1), of the coding of bytes that are not there
# any more, of that day, or about other servers and ports, which a client might turn to.
_LEFT_OUT = frozenset(
    [
        "age",
        "alt-svc",
        "connection",
        "content-encoding",
        "content-length",
        "content-md5",
        "content-range",
        "date",
        "digest",
        "expect-ct",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-connection",
        "set-cookie",
        "strict-transport-security",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "x-goog-hash",
    ]
)
_UNRECORDED_BYTES = 400
_TEXT = "text/plain"


def served_reply(
    url: str, recorded: RecordedReply, *, max_body_bytes: int, max_retry_after_s: int
) -> Reply:
    """Return the reply for a link; a body larger than `max_body_bytes` is cut down to that."""
    known = {name.lower(): text for name, text in recorded.headers}
    length = known.get("content-length", "")
    recorded_bytes = recorded.body_bytes
    if recorded_bytes is None:
        recorded_bytes = int(length) if length.isdecimal() else _UNRECORDED_BYTES
    return Reply(
        status=recorded.status,
        headers=_headers(recorded.headers, max_retry_after_s),
        body=_body(url, recorded, known, min(recorded_bytes, max_body_bytes)),
        ranges=known.get("accept-ranges", "").lower() == "bytes",
        chunked=not length,
    )


def _headers(recorded: Headers, max_retry_after_s: int) -> Headers:
    kept = [(name, _one_line(text)) for name, text in recorded if name.lower() not in _LEFT_OUT]
    return tuple(
        (name, _sooner(text, max_retry_after_s) if name.lower() == "retry-after" else text)
        for name, text in kept
    )


def _one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ")


def _sooner(retry_after: str, limit_s: int) -> str:
    return str(min(int(retry_after), limit_s)) if retry_after.isdecimal() else str(limit_s)


def _body(url: str, recorded: RecordedReply, known: dict[str, str], size_bytes: int) -> bytes:
    media_type = recorded.media_type or known.get("content-type", "").partition(";")[0].lower()
    if media_type in MEDIA_TYPES:
        return picture(media_type, url, size_bytes)
    title = f"{recorded.status} {authority_of(url)}"
    if media_type == _TEXT:
        return _padded(title, "", size_bytes)
    return _padded(f"<!doctype html>\n<title>{title}</title>\n<!-- ", " -->\n", size_bytes)


def _padded(before: str, after: str, size_bytes: int) -> bytes:
    """Fill up with hexadecimal noise; one host's pages of one size are all the same."""
    missing = max(0, size_bytes - len(before) - len(after))
    noise = filler(before.encode(), (missing + 1) // 2).hex()[:missing]
    return f"{before}{noise}{after}".encode()
