"""The planted sites: what each serves, in whose network it is, and what becomes of it.

Room: pure rules, but for reading the list beside it.
"""

import io
import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from PIL import Image

from tests.internet.host import Host, TakenDown, Vanished
from tests.internet.messages import NOT_FOUND, Answer, Reply, Request, plain_text
from tests.internet.pictures import picture

LIST = Path(__file__).parent / "planted.tsv"
LOOKS_SO = "old-plates.test"
REGISTRY = "rdap.example"


@dataclass(frozen=True, slots=True)
class Network:
    """Who carries four of the sites, and the mailbox of its abuse desk, if it says one."""

    name: str
    asn: int  # for documentation (RFC 5398)
    mailbox: str | None


NETWORKS = (
    Network("Harbour Hosting", 64496, "abuse@harbour-hosting.example"),
    Network("Tidewater Servers", 64497, "noc@tidewater.example"),
    Network("Nightjar Networks", 64498, None),
)
# From one address to another, and who announces them.
Range = tuple[str, str, Network]
_WITH_SECURITY_TXT = ("kyc-harbour.test", "visa-desk.example", "saude-lima.example")
_BODY_BYTES = 24_000
# One picture, as three sites have it: as it was, and made smaller and coarser.
_SAME_PICTURE = {
    "northgate-clinic.example": (640, 90),
    "smile-gallery.example": (400, 75),
    "skin-diary.test": (320, 60),
}


class Planted(Host):
    """A site that serves the pictures that the list names, and a security.txt where it has one."""

    def __init__(self, name: str, paths: Sequence[str]) -> None:
        """Serve a picture at each of these paths."""
        super().__init__(name)
        self.paths = tuple(paths)

    @property
    def name(self) -> str:
        """The host, which is its own registered domain."""
        return self.names[0]

    def urls(self) -> list[str]:
        """Return the URL of each picture."""
        return [f"http://{self.name}{path}" for path in self.paths]

    def look(self, request: Request) -> Answer:
        """Answer with a picture, or with whom to write to."""
        if request.path == "/.well-known/security.txt" and self.name in _WITH_SECURITY_TXT:
            mailbox = f"Contact: mailto:privacy@{self.name}\n"
            return plain_text(f"{mailbox}Expires: 2099-01-01T00:00:00Z\n")
        if request.path not in self.paths:
            return NOT_FOUND
        body = picture_of(self, self.paths.index(request.path))
        return Reply(headers=(("Content-Type", "image/jpeg"),), body=body)


class Registry(Host):
    """The RDAP server (RFC 9083) of the networks that the sites are in."""

    def __init__(self, ranges: Sequence[Range] = ()) -> None:
        """Answer about the addresses in these ranges."""
        super().__init__(REGISTRY)
        self.ranges = tuple(ranges)

    def look(self, request: Request) -> Answer:
        """Answer about an address."""
        asked = ip_address(request.path.removeprefix("/rdap/ip/"))
        for first, last, network in self.ranges:
            if int(ip_address(first)) <= int(asked) <= int(ip_address(last)):
                return _about(first, last, network)
        return NOT_FOUND


def picture_of(site: Planted, number: int) -> bytes:
    """Return the picture at a site's path of that number; the first is at some sites the same one."""
    if number == 0 and site.name in _SAME_PICTURE:
        return _same_picture(*_SAME_PICTURE[site.name])
    return picture("image/jpeg", site.urls()[number], _BODY_BYTES)


def planted_sites() -> list[Planted]:
    """Return every planted site, in the order of the list; the last one only looks like a leak."""
    paths: defaultdict[str, list[str]] = defaultdict(list)
    for line in LIST.read_text(encoding="utf-8").splitlines():
        host, _, path = line.partition("\thttp://")[2].partition("/")
        paths[host].append(f"/{path}")
    return [Planted(host, found) for host, found in paths.items()]


def planted_hosts() -> list[Host]:
    """Return the sites, and the registry, which does not know yet where they are."""
    return [*planted_sites(), Registry()]


def registry(addresses: Mapping[str, str]) -> Registry:
    """Return the registry that knows where the sites are: host → address."""
    return Registry(ranges_of(addresses))


def leaking(sites: Sequence[Planted]) -> list[Planted]:
    """Return the sites that leak."""
    return [site for site in sites if site.name != LOOKS_SO]


def ranges_of(addresses: Mapping[str, str]) -> list[Range]:
    """Return the networks of the sites, as they lie: host → address. The sites' addresses follow each other."""
    at = [addresses[site.name] for site in leaking(planted_sites())]
    size = len(at) // len(NETWORKS)
    return [
        (at[number * size], at[number * size + size - 1], network)
        for number, network in enumerate(NETWORKS)
    ]


def complied(sites: Sequence[Planted]) -> tuple[list[Host], list[Host]]:
    """Return half of the sites as they are once their operators have acted, each in its way.

    The first network's all act soon, two of the second's late, and nobody of the third's.
    """
    half: list[Host] = [
        Vanished(*site.names) if at % 3 == 2 else TakenDown(site, status=(410, 404)[at % 3])
        for at, site in enumerate(leaking(sites)[: len(leaking(sites)) // 2])
    ]
    return half[:4], half[4:]


def _same_picture(width: int, quality: int) -> bytes:
    blobs = Image.frombytes("L", (8, 6), random.Random(2019).randbytes(48))
    drawn = blobs.resize((width, width * 3 // 4), Image.Resampling.BICUBIC).convert("RGB")
    encoded = io.BytesIO()
    drawn.save(encoded, "JPEG", quality=quality)
    return encoded.getvalue()


def _about(first: str, last: str, network: Network) -> Reply:
    """Return what the registry says of a network; one without a mailbox has no desk."""
    card = ["vcard", [["version", {}, "text", "4.0"], ["email", {}, "text", network.mailbox]]]
    desk = {"objectClassName": "entity", "roles": ["abuse"], "vcardArray": card}
    said = {
        "rdapConformance": ["rdap_level_0"],
        "objectClassName": "ip network",
        "startAddress": first,
        "endAddress": last,
        "name": network.name,
        "entities": [desk] if network.mailbox else [],
    }
    headers = (("Content-Type", "application/rdap+json"),)
    return Reply(headers=headers, body=json.dumps(said).encode())
