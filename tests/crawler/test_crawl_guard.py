"""The address guard in a real crawl: links, redirects, robots.txt and canaries that lead inside."""

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import MakeInternet
from tests.internet import ALLOWED_NETWORKS, Host, PictureHost
from tests.internet.host import Lookup
from tests.internet.messages import Answer, Reply, Request
from tests.runs import crawl_arguments, finals, planned, stillup

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="127.0.0.0/8 is one address here"),
]

# Where the fake internet's hosts live; name server and traps are elsewhere on this machine.
HOSTS_ONLY = "127.16.0.0/12"


class LeadingHost(PictureHost):
    """Sends every picture on to one place; with `robots_too`, its robots.txt as well."""

    def __init__(self, name: str, location: str, *, robots_too: bool = False) -> None:
        super().__init__(name, pictures=1)
        self.location = location
        self.robots_too = robots_too

    def robots(self, request: Request) -> Answer:
        """Send on, or have none."""
        return self._moved() if self.robots_too else super().robots(request)

    def look(self, request: Request) -> Answer:
        """Send on."""
        return super().look(request) if self.robots_too else self._moved()

    def _moved(self) -> Reply:
        return Reply(status=302, headers=(("Location", self.location),))


class TrickyHost(PictureHost):
    """Serves its pictures, and sends whatever else is asked (a canary, say) to one place."""

    def __init__(self, name: str, location: str) -> None:
        super().__init__(name, pictures=2)
        self.location = location

    def look(self, request: Request) -> Answer:
        """Serve a picture, or send on."""
        reply = super().look(request)
        if isinstance(reply, Reply) and reply.status == 404:
            return Reply(status=302, headers=(("Location", self.location),))
        return reply


class InsideHost(PictureHost):
    """A host whose name leads to this machine."""

    def __init__(self, name: str, *addresses: str) -> None:
        super().__init__(name, pictures=1)
        v6 = tuple(address for address in addresses if ":" in address)
        v4 = tuple(address for address in addresses if ":" not in address)
        self.lookup = Lookup(addresses=v4, addresses_v6=v6)


@contextmanager
def trap() -> Iterator[tuple[int, list[str]]]:
    """Listen at every loopback address; yield the port and the addresses that were come to."""
    caught: list[str] = []
    with socket.create_server(("0.0.0.0", 0), backlog=64) as server:
        server.settimeout(0.1)
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    caught.append(connection.getsockname()[0])
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield server.getsockname()[1], caught
        finally:
            done.set()
            thread.join()


def hosts_around(port: int) -> list[Host]:
    """Return hosts that try to have this machine asked, at a port of it."""
    inside = f"127.0.0.1:{port}"
    return [
        LeadingHost("plain.test", f"http://{inside}/"),
        LeadingHost("hex.test", f"http://0x7f000001:{port}/"),
        LeadingHost("short.test", f"http://127.1:{port}/"),
        LeadingHost("number.test", f"http://2130706433:{port}/"),
        LeadingHost("octal.test", f"http://0177.0.0.01:{port}/"),
        LeadingHost("mapped.test", f"http://[::ffff:127.0.0.1]:{port}/"),
        LeadingHost("v6.test", f"http://[::1]:{port}/"),
        LeadingHost("zero.test", f"//0:{port}/"),
        LeadingHost("named.test", f"http://inside-one.test:{port}/0.jpg"),
        LeadingHost("localhost.test", f"http://localhost:{port}/"),
        LeadingHost("robots.test", f"http://{inside}/robots.txt", robots_too=True),
        TrickyHost("canary.test", f"http://{inside}/"),
        InsideHost("inside-one.test", "127.0.0.1"),
        InsideHost("inside-many.test", "127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"),
    ]


def crawled_around(
    folder: Path, make_internet: MakeInternet, opened: str
) -> tuple[list[str], dict[str, str]]:
    """Crawl hosts and literal addresses that lead inside; return who was caught, and outcomes."""
    with trap() as (port, caught):
        hosts = hosts_around(port)
        internet = make_internet(*hosts)
        urls = [f"http://{host.names[0]}/0.jpg" for host in hosts]
        urls += [f"http://{host}:{port}/" for host in ("127.0.0.1", "0x7f.1", "[::1]", "0")]
        urls += [f"http://inside-many.test:{port}/0.jpg"]
        run = planned(folder, urls)
        arguments = [
            opened if argument in ALLOWED_NETWORKS else argument
            for argument in crawl_arguments(run, internet, "--timeout", 4)
        ]
        done = stillup(*arguments)
        assert done.returncode == 0, done.stderr
        return caught, {url: row["outcome"] for url, row in finals(run).items()}


def test_nothing_leads_a_crawl_inside(tmp_path: Path, make_internet: MakeInternet) -> None:
    """By no link, redirect, robots.txt, canary or name is anybody on this machine connected to."""
    caught, outcomes = crawled_around(tmp_path, make_internet, HOSTS_ONLY)
    assert caught == []
    served = {"http://canary.test/0.jpg", "http://robots.test/0.jpg"}
    refused = {url: outcome for url, outcome in outcomes.items() if url not in served}
    assert set(refused.values()) <= {"address_blocked", "dns_failure"}, refused
    assert outcomes["http://canary.test/0.jpg"] == "ok"
    assert len(refused) == 16  # two spellings of 127.0.0.1 are one link


def test_the_trap_would_have_caught_it(tmp_path: Path, make_internet: MakeInternet) -> None:
    """With this machine's addresses opened, the same crawl is caught many times over."""
    caught, _ = crawled_around(tmp_path, make_internet, ALLOWED_NETWORKS[0])
    assert len(caught) > 8
