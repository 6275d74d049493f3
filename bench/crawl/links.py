"""What is walked: pictures on disk, places that serve them, and lists of links in mixed order.

A place is an address and port that counts as one host. Every address of 127.0.0.0/8 is this
machine on Linux, so hosts need no names; elsewhere there is only 127.0.0.1, and ports stand in.
"""

import hashlib
import random
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

PICTURES = 256
_SIZE = (320, 240)


@dataclass(frozen=True, slots=True)
class Workload:
    """A list of distinct links, `per_host` to a host, and the sha256 that each must come to."""

    name: str
    per_host: int
    expected: dict[str, str]  # URL → sha256, lower-case hex

    @property
    def links(self) -> int:
        """How many links the list has."""
        return len(self.expected)

    def write(self, path: Path) -> None:
        """Write the URLs, one a line: what every peer is handed."""
        path.write_text("".join(f"{url}\n" for url in self.expected))


def paint(folder: Path) -> list[str]:
    """Write the pictures as 000.jpg, 001.jpg, …, about 14 kB each; return their sha256 in order.

    Noise that was made small and enlarged compresses like a photograph; drawn from fixed seeds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [_paint_one(folder / f"{number:03d}.jpg", number) for number in range(PICTURES)]


def _paint_one(path: Path, seed: int) -> str:
    draw = random.Random(seed)
    coarse = Image.frombytes("RGB", (20, 15), draw.randbytes(20 * 15 * 3))
    grain = Image.frombytes("L", (100, 75), draw.randbytes(100 * 75)).convert("RGB")
    smooth = coarse.resize(_SIZE, Image.Resampling.BICUBIC)
    encoded = BytesIO()
    mixed = Image.blend(smooth, grain.resize(_SIZE, Image.Resampling.BICUBIC), 0.12)
    mixed.save(encoded, "JPEG", quality=74)
    path.write_bytes(encoded.getvalue())
    return hashlib.sha256(encoded.getvalue()).hexdigest()


def has_many_addresses() -> bool:
    """Whether 127.0.0.2 is this machine, too: on Linux it is, on macOS it is not."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.2", 0))
        except OSError:
            return False
    return True


def places(count: int, ports: Iterable[int]) -> list[str]:
    """`count` places as `address:port`: an address each, or a port each where there is one address."""
    ports = list(ports)
    if len(ports) >= count:
        return [f"127.0.0.1:{port}" for port in ports[:count]]
    return [
        f"127.{1 + n // 62_500}.{n // 250 % 250}.{1 + n % 250}:{ports[0]}" for n in range(count)
    ]


def workload(name: str, hosts: list[str], per_host: int, digests: list[str]) -> Workload:
    """A list of `len(hosts) * per_host` links, the hosts mixed as in a dataset, always the same."""
    numbers = [(host, n) for host in hosts for n in range(per_host)]
    random.Random(f"{name} {len(hosts)}").shuffle(numbers)
    expected = {}
    for order, (host, n) in enumerate(numbers):
        picture = order % len(digests)
        expected[f"http://{host}/{picture:03d}.jpg?link={n}"] = digests[picture]
    return Workload(name, per_host, expected)


def free_ports(count: int) -> list[int]:
    """`count` ports that nobody listens on, as far as can be known before using them."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def average_bytes(folder: Path) -> int:
    """The mean size of the pictures in `folder`."""
    sizes = [path.stat().st_size for path in folder.glob("*.jpg")]
    return sum(sizes) // len(sizes)
