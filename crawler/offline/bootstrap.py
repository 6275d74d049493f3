"""Which RDAP server answers for a domain or an address (RFC 9224).

Room: disk. Reads IANA's files of data/rdap, or newer ones of the user's cache, or one of the user's.
"""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any

import orjson

from crawler.offline.kept import DATA, in_use
from crawler.records.errors import RunFailed, WrongUse

FILES = ("dns.json", "ipv4.json", "ipv6.json")

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """The base URL of each registry, by top-level domain and by block of addresses."""

    domains: dict[str, str]
    blocks: tuple[tuple[Network, str], ...]

    def of_domain(self, name: str) -> str | None:
        """Return whose domain a name is: the entry with the most labels counts (RFC 9224, 4).

        The empty one, of the root, has none.
        """
        labels = name.split(".")
        ends = (".".join(labels[start:]) for start in range(len(labels) + 1))
        return next((self.domains[end] for end in ends if end in self.domains), None)

    def of_address(self, text: str) -> str | None:
        """Return whose address an IP address is: the longest prefix counts (RFC 9224, 5)."""
        address = ip_address(text)
        fitting = [
            (block.prefixlen, url)
            for block, url in self.blocks
            if block.version == address.version and address in block
        ]
        return max(fitting)[1] if fitting else None


def bootstrap(file: Path | None = None) -> Bootstrap:
    """Read IANA's files, or a file of the user's in the same form instead of all of them.

    Raises WrongUse for a file that is none.
    """
    paths = [in_use(DATA / "rdap" / name, f"rdap-{name}") for name in FILES]
    domains: dict[str, str] = {}
    blocks: list[tuple[Network, str]] = []
    for path in paths if file is None else [file]:
        try:
            more_domains, more_blocks = _read(path.read_bytes())
        except (OSError, ValueError, TypeError) as error:
            text = f"{path} is no RDAP bootstrap file (RFC 9224): {error}"
            raise WrongUse(text) from error
        domains |= more_domains
        blocks += more_blocks
    return Bootstrap(domains, tuple(blocks))


def proved(content: bytes) -> bytes:
    """Return a bootstrap file that was fetched. Raises RunFailed where it is none."""
    try:
        domains, blocks = _read(content)
    except (ValueError, TypeError) as error:
        raise RunFailed(f"what was fetched is no RDAP bootstrap file: {error}") from error
    if not domains and not blocks:
        raise RunFailed("the RDAP bootstrap file that was fetched names no server")
    return content


def _read(content: bytes) -> tuple[dict[str, str], list[tuple[Network, str]]]:
    """Return the entries of a file that can be used; of two servers, the one by https."""
    said = orjson.loads(content)
    services = said.get("services") if isinstance(said, dict) else None
    if not isinstance(services, list):
        raise TypeError("it has no list of services")
    domains: dict[str, str] = {}
    blocks: list[tuple[Network, str]] = []
    for service in services:
        if not isinstance(service, list) or len(service) != 2 or (url := _url(service[1])) is None:
            continue  # an entry that nobody can use spoils no other (RFC 9224, 3)
        for entry in service[0] if isinstance(service[0], list) else ():
            if "/" not in str(entry):
                domains[str(entry).lower().rstrip(".")] = url
            elif (block := _block(str(entry))) is not None:
                blocks.append((block, url))
    return domains, blocks


def _block(entry: str) -> Network | None:
    try:
        return ip_network(entry)
    except ValueError:
        return None


def _url(urls: Any) -> str | None:
    """Return a service's base URL with its slash; without https there is none."""
    texts = [str(url) for url in urls] if isinstance(urls, list) else []
    found = next((url for url in texts if url.lower().startswith("https://")), None)
    return found and found.rstrip("/") + "/"
