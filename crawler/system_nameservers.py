"""The name servers that this system is set to ask.

Room: disk. Only the servers count (resolv.conf(5)): search domains would turn a name of a dataset
into one of the machine's own network, and options are for resolvers that have no rules of their own.
"""

from ipaddress import ip_address
from pathlib import Path

_FILE = Path("/etc/resolv.conf")
_MOST = 3  # as the system's own resolver takes (resolv.conf(5), MAXNS)
_NONE = ("127.0.0.1",)  # where it names none


def system_nameservers(file: Path = _FILE) -> tuple[str, ...]:
    """Return the addresses of the system's name servers, in their order."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return _NONE
    words = [line.split() for line in lines]
    named = [row[1] for row in words if len(row) > 1 and row[0] == "nameserver"]
    return tuple(text for text in named if _is_address(text))[:_MOST] or _NONE


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
