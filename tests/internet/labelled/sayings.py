"""What hosts say for a picture that is gone, and other things that a labelled host may say.

Room: pure rules. Each is picklable, to reach the server's process.
"""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from io import BytesIO
from random import Random

from PIL import Image

from tests.internet.messages import Answer, Reply, Request, page
from tests.internet.pictures import picture

# The smallest GIF there is in the wild: one transparent pixel.
PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)


@dataclass(frozen=True)
class Shows:
    """Serve one picture, the same bytes for whoever asks; `headers` say what the host says of it."""

    name: str
    media_type: str = "image/png"
    body_bytes: int = 3_000
    content_type: str | None = None

    @property
    def body(self) -> bytes:
        """The bytes."""
        return picture(self.media_type, self.name, self.body_bytes)

    @property
    def sha256(self) -> str:
        """Their digest, as a list would promise it."""
        return sha256(self.body).hexdigest()

    def __call__(self, request: Request) -> Answer:
        """Serve it."""
        return _reply(self.content_type or self.media_type, self.body)


@dataclass(frozen=True)
class ShowsAs:
    """Serve each path's own picture, and call it something else."""

    content_type: str

    def __call__(self, request: Request) -> Answer:
        """Serve it."""
        return _reply(self.content_type, picture("image/jpeg", request.url, 20_000))


@dataclass
class ShowsStamped:
    """Serve a stand-in that is another to the byte each time, as one with the time drawn on it."""

    count: int = 0

    def __call__(self, request: Request) -> Answer:
        """Serve the next one."""
        self.count += 1
        body = picture("image/png", f"{request.host}/{self.count}", 3_000 + self.count * 17 % 50)
        return _reply("image/png", body)


@dataclass(frozen=True)
class ShowsFormat:
    """Serve a picture in one of Pillow's formats."""

    format_name: str
    content_type: str

    def __call__(self, request: Request) -> Answer:
        """Serve it."""
        return _reply(self.content_type, _encoded(self.format_name))


@cache
def _encoded(format_name: str) -> bytes:
    encoded = BytesIO()
    Image.linear_gradient("L").convert("RGB").save(encoded, format_name)
    return encoded.getvalue()


def shows_svg(request: Request) -> Answer:
    """Serve a drawing, which is text."""
    body = (
        b'<?xml version="1.0"?>\n<!-- drawn by hand -->\n<svg xmlns="http://www.w3.org/2000/svg"/>'
    )
    return _reply("image/svg+xml", body)


def shows_pixel(request: Request) -> Answer:
    """Serve one transparent pixel."""
    return _reply("image/gif", PIXEL)


def shows_picture_of_the_day(request: Request) -> Answer:
    """Serve a real picture, another for each path."""
    return _reply("image/jpeg", picture("image/jpeg", request.target, 9_000 + len(request.target)))


def shows_by_directory(request: Request) -> Answer:
    """Serve the picture of the last directory, whatever name stands behind it."""
    directory = request.path.rpartition("/")[0]
    return _reply("image/jpeg", picture("image/jpeg", directory, 15_000))


def shows_size_wanted(request: Request) -> Answer:
    """Serve the stand-in in the size that the first directory asks for."""
    wanted = request.path.split("/")[1]
    width = int(wanted.partition("x")[0])
    return _reply("image/png", picture("image/png", f"stand-in {wanted}", 3_000 + width * 9))


def says_sorry(request: Request) -> Answer:
    """Say the same page to everybody."""
    return page(200, "Sorry, this page has moved on")


def says_sorry_as_picture(request: Request) -> Answer:
    """Say the page, and call it a JPEG."""
    return _reply("image/jpeg", b"<!DOCTYPE html>\n<title>Sorry</title>\n<p>Nothing here")


def says_what_was_asked(request: Request) -> Answer:
    """Say a page with the URL in it, which makes each a little longer or shorter."""
    return page(200, f"We could not find {request.path} for you, and searched for {request.path}")


def says_a_nonce(request: Request) -> Answer:
    """Say a page with a random number in it."""
    nonce = Random(request.monotonic_s).randbytes(16).hex()
    return page(200, f"Nothing here. Reference {nonce}")


def says_app(request: Request) -> Answer:
    """Say the shell of an application that would find out by itself."""
    body = b'<!doctype html><html><body><div id="root"></div><script src="/app.js"></script>'
    return _reply("text/html; charset=utf-8", body)


def says_json(request: Request) -> Answer:
    """Say an error that only the body tells."""
    return _reply("application/json", b'{"error": {"code": 404, "message": "no such object"}}')


def says_text(request: Request) -> Answer:
    """Say it in plain text, as a JPEG."""
    return _reply("image/jpeg", b"File not found.\n")


def says_nothing(request: Request) -> Answer:
    """Say 200 and not a byte."""
    return _reply("image/jpeg", b"")


def refuses(request: Request) -> Answer:
    """Say 403, as a bucket does for what it has not."""
    return page(403, "Forbidden")


def says_gone(request: Request) -> Answer:
    """Say 410."""
    return page(410, "Gone")


def asks_to_wait(request: Request) -> Answer:
    """Say 429."""
    return page(429, "Too many requests")


@dataclass(frozen=True)
class Sends:
    """Redirect to a Location; `{path}` in it is the path that was asked for."""

    location: str
    status: int = 302

    def __call__(self, request: Request) -> Answer:
        """Send on."""
        return Reply(
            status=self.status, headers=(("Location", self.location.format(path=request.path)),)
        )


def _reply(content_type: str, body: bytes) -> Reply:
    return Reply(headers=(("Content-Type", content_type),), body=body, ranges=True)
