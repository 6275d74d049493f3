"""What a host of the fake internet is: a name, a place, and what it answers.

Room: pure rules (a host may count what it was asked). How it is found, listened for and certified
are values here; `dns.py`, `server.py` and `certificates.py` make them so.
"""

from dataclasses import dataclass
from enum import Enum

from tests.internet import messages
from tests.internet.messages import NOT_FOUND, Answer, Reply, Request
from tests.internet.pictures import picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """What the name server says of a name. `OWN` in `addresses` stands for the host's own one.

    `silent` leaves questions unanswered; `truncated` answers UDP with TC, so that TCP is asked.
    `aliases` are the names of a CNAME chain, of which the last has the addresses; as DNS messages
    have them, so any byte may be in one. `later` is said to whoever asks again within ten seconds.
    """

    rcode: str = "NOERROR"
    addresses: tuple[str, ...] = ()
    addresses_v6: tuple[str, ...] = ()
    ttl_s: int = 60
    silent: bool = False
    truncated: bool = False
    aliases: tuple[tuple[bytes, ...], ...] = ()
    later: "Lookup | None" = None


OWN = "own"
OWN_ADDRESS = Lookup(addresses=(OWN,))
NXDOMAIN = Lookup(rcode="NXDOMAIN")
NODATA = Lookup()
SERVFAIL = Lookup(rcode="SERVFAIL")
SILENT = Lookup(silent=True)


class Listening(Enum):
    """Who waits at a host's ports. All but the first are reached by a `--connect-to` of its own."""

    SERVED = "our servers"
    REFUSED = "nobody: connecting is refused"
    BLACK_HOLE = "nobody: connecting is never answered"
    PLAIN_ON_TLS = "a server that speaks plain text on the TLS port"
    SILENT = "a server that takes connections and never says a word"
    OLD_TLS = "a server that refuses every version of TLS that is offered"
    OWN_ADDRESS = "our server, at the host's own address and at no other"


class Certificate(Enum):
    """What a host shows on its TLS port."""

    TRUSTED = "issued by the CA of `--ca-file`"
    EXPIRED = "issued by that CA, over since last year"
    NOT_YET_VALID = "issued by that CA, for next year"
    WRONG_NAME = "issued by that CA, to another name"
    SELF_SIGNED = "issued by itself"
    UNKNOWN_CA = "issued by a CA that nobody knows"


class Host:
    """A host that answers every path with 404 and has no robots.txt; override what differs.

    It is pickled to reach the server's process, so it must be made of values.
    """

    lookup: Lookup = OWN_ADDRESS
    listening: Listening = Listening.SERVED
    certificate: Certificate = Certificate.TRUSTED
    # Hosts that name the same one live on one address, which is otherwise the host's alone.
    shares_address_with: str | None = None
    # Ports besides 80 and 443 that the host is asked on, over plain HTTP.
    more_ports: tuple[int, ...] = ()

    def __init__(self, *names: str) -> None:
        """Answer to these host names."""
        self.names = names

    def answer(self, request: Request) -> Answer:
        """Return what to do with a request."""
        return self.robots(request) if request.path == "/robots.txt" else self.look(request)

    def robots(self, request: Request) -> Answer:
        """Return what `/robots.txt` is answered with."""
        return NOT_FOUND

    def look(self, request: Request) -> Answer:
        """Return what any other path is answered with."""
        return NOT_FOUND


class PictureHost(Host):
    """A well-behaved host that serves `/0.jpg` to `/{pictures - 1}.jpg`, for tests and benches.

    `robots_text` is its robots.txt, None for a 404; `latency_s` is waited before each answer.
    """

    def __init__(
        self,
        name: str,
        *,
        pictures: int = 10,
        body_bytes: int = 14_000,
        robots_text: str | None = None,
        latency_s: float = 0.0,
    ) -> None:
        """Serve that many pictures of that size under `name`."""
        super().__init__(name)
        self.pictures = pictures
        self.body_bytes = body_bytes
        self.robots_text = robots_text
        self.latency_s = latency_s

    def urls(self, scheme: str = "http") -> list[str]:
        """Return the URL of each picture."""
        return [f"{scheme}://{self.names[0]}/{index}.jpg" for index in range(self.pictures)]

    def robots(self, request: Request) -> Answer:
        """Answer with the text that was given, or 404."""
        return NOT_FOUND if self.robots_text is None else messages.plain_text(self.robots_text)

    def look(self, request: Request) -> Answer:
        """Answer with the picture of that number."""
        number = request.path[1:].removesuffix(".jpg")
        if not number.isdecimal() or int(number) >= self.pictures:
            return NOT_FOUND
        reply = picture_reply(request, "image/jpeg", self.body_bytes)
        if not self.latency_s:
            return reply
        steps = (messages.Wait(self.latency_s), messages.Respond(reply))
        return messages.Script(steps, reply.status)


class TakenDown(Host):
    """A host whose operator has taken something down, and which is what it was `before` otherwise.

    `paths` are answered with `status`; all but robots.txt where none are named.
    """

    def __init__(self, before: Host, *paths: str, status: int = 410) -> None:
        """Answer to the names of the host that was there before."""
        super().__init__(*before.names)
        self.before, self.paths, self.status = before, paths, status
        self.lookup, self.certificate = before.lookup, before.certificate

    def answer(self, request: Request) -> Answer:
        """Answer what was taken down with the status, and the rest as before."""
        is_down = request.path in self.paths if self.paths else request.path != "/robots.txt"
        if is_down:
            return messages.page(self.status, "Taken down")
        return self.before.answer(request)


class Vanished(Host):
    """A host whose name has no address any more."""

    lookup = NXDOMAIN


def picture_reply(
    request: Request, media_type: str = "image/jpeg", body_bytes: int = 14_000
) -> Reply:
    """Return 200 with a picture that belongs to the request's URL (without its query)."""
    url = f"{request.scheme}://{request.authority}{request.path}"
    headers = (("Content-Type", media_type),)
    return Reply(headers=headers, body=picture(media_type, url, body_bytes), ranges=True)
