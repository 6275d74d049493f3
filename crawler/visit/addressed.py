"""How name servers and `--connect-to` are written, for those that check options and open no connection.

Room: pure rules.
"""

from dataclasses import dataclass
from ipaddress import ip_address

_PORT = 53


@dataclass(frozen=True, slots=True)
class ConnectTo:
    """curl's `--connect-to`: what asks for host and port is connected elsewhere. "" is any, or same.

    The URL, the Host header and the TLS name stay what they were.
    """

    host: str
    port: int | None
    to_host: str
    to_port: int | None

    def applies_to(self, host: str, port: int) -> bool:
        """Tell whether this rule speaks for a host and port."""
        return self.host in ("", host) and self.port in (None, port)


def parse_connect_to(text: str) -> ConnectTo:
    """Parse `HOST:PORT:CONNECT-HOST:CONNECT-PORT`; IPv6 in brackets. Raises ValueError."""
    parts = _split_outside_brackets(text)
    if len(parts) != 4:
        message = f"{text!r} is not HOST:PORT:CONNECT-HOST:CONNECT-PORT"
        raise ValueError(message)
    host, port, to_host, to_port = parts
    return ConnectTo(host.lower(), int(port) if port else None, to_host, int(to_port or 0) or None)


def nameserver_address(text: str) -> tuple[str, int]:
    """Read `ip`, `ip:port`, `[ipv6]` or `[ipv6]:port`. Raises ValueError."""
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        port = port.removeprefix(":")
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    else:
        host, port = text, ""
    ip_address(host)
    return host, int(port or _PORT)


def _split_outside_brackets(text: str) -> list[str]:
    parts, depth = [""], 0
    for character in text:
        depth += (character == "[") - (character == "]")
        if character == ":" and depth == 0:
            parts.append("")
        elif character not in "[]":
            parts[-1] += character
    return parts
