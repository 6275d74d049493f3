"""Certificates for every host, good and bad, issued when a client first asks for the host.

Room: network. Who gets which kind is said by the hosts (`host.Certificate`).
"""

import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import trustme

from tests.internet.host import Certificate, Host

# Hosts in one certificate: as at a real shared host, and it saves a key pair and a context each.
_NEIGHBOURS = 16
_NOBODY = "nobody.invalid"


class Certificates:
    """A certificate authority and the TLS contexts of the hosts it serves."""

    def __init__(self, hosts: Mapping[str, Host]) -> None:
        """Issue for `hosts`, by name; other names are shown a certificate of nobody's."""
        self._hosts = hosts
        self._ca = trustme.CA()
        self._context_of = cache(self._new_context)
        trusted = [name for name, host in hosts.items() if host.certificate is Certificate.TRUSTED]
        groups = [trusted[i : i + _NEIGHBOURS] for i in range(0, len(trusted), _NEIGHBOURS)]
        self._neighbours = {name: tuple(group) for group in groups for name in group}

    def write_ca(self, path: Path) -> None:
        """Write the certificate for `--ca-file` to `path`."""
        self._ca.cert_pem.write_to_path(path)

    def context(self) -> ssl.SSLContext:
        """Return the context to listen with; it changes to the host's own by SNI (RFC 6066, 3)."""
        nobody = self._context_of(Certificate.WRONG_NAME, (_NOBODY,))
        nobody.sni_callback = self._switch
        return nobody

    def _switch(self, session: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        host = self._hosts.get((name or "").lower())
        if name is None or host is None:
            return
        names = self._neighbours.get(name.lower(), (name.lower(),))
        session.context = self._context_of(host.certificate, names)

    def _new_context(self, kind: Certificate, names: tuple[str, ...]) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.num_tickets = 0
        if kind is Certificate.SELF_SIGNED:
            _show_itself(context)
        else:
            self._issuers()[kind](names).configure_cert(context)
        return context

    def _issuers(self) -> dict[Certificate, Callable[[tuple[str, ...]], trustme.LeafCert]]:
        a_year = timedelta(days=365)
        last_year, next_year = datetime.now(UTC) - a_year, datetime.now(UTC) + a_year
        return {
            Certificate.TRUSTED: lambda names: self._ca.issue_cert(*names),
            Certificate.EXPIRED: lambda names: self._ca.issue_cert(*names, not_after=last_year),
            Certificate.NOT_YET_VALID: lambda names: self._ca.issue_cert(
                *names, not_before=next_year, not_after=next_year + a_year
            ),
            Certificate.WRONG_NAME: lambda _: self._ca.issue_cert(_NOBODY),
            Certificate.UNKNOWN_CA: lambda names: trustme.CA().issue_cert(*names),
        }


def _show_itself(context: ssl.SSLContext) -> None:
    """Let the context show a certificate that it signed itself: a CA's own."""
    alone = trustme.CA()
    with alone.cert_pem.tempfile() as certificate, alone.private_key_pem.tempfile() as key:
        context.load_cert_chain(certificate, key)
