"""The fake internet as a whole: its registry, its log and its process."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.client import RawClient, ask, get, route, url_of
from tests.conftest import MakeInternet
from tests.internet import BEHAVIOURS, FakeInternet, Host, PictureHost, TakenDown, Vanished
from tests.internet.host import Lookup
from tests.internet.messages import Answer, Reply, Request, Respond, Script, Wait

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_a_behaviour_says_what_it_is_and_what_must_come_of_it(name: str) -> None:
    """Every behaviour has a docstring of its own and at least one expectation."""
    assert (BEHAVIOURS[name].__dict__.get("__doc__") or "").strip()
    assert BEHAVIOURS[name].expects


def test_the_log_has_every_request_when_its_answer_is_there(make_internet: MakeInternet) -> None:
    """Method, target, headers, status and connection, readable at once and after the end."""
    with FakeInternet([PictureHost("a.test"), "reset"]) as small:
        with RawClient(small, "http://a.test/0.jpg?x=%20") as client:
            client.send(User_Agent="test/1")
            client.reply()
            client.send("HEAD", "/none")
            client.reply("HEAD")
        get(small, "https://a.test/1.jpg")
        first, second, third = small.log()
    assert (first.method, first.url, first.status) == ("GET", "http://a.test/0.jpg?x=%20", 200)
    assert first.header("user-agent") == "test/1"
    assert (second.method, second.target, second.status) == ("HEAD", "/none", 404)
    assert first.connection_id == second.connection_id != third.connection_id
    assert (third.scheme, third.ip) == ("https", small.place.addresses["a.test"])
    assert first.monotonic_s < second.monotonic_s < time.monotonic()
    assert small.log() == [first, second, third]


class Echo(Host):
    """A host that a test defines: it answers with the target, after a moment."""

    lookup = Lookup(addresses=("own",), ttl_s=7)

    def look(self, request: Request) -> Answer:
        """Wait, then echo."""
        return Script((Wait(0.01), Respond(Reply(body=request.target.encode()))), 200)


def test_it_starts_however_many_hosts_it_has() -> None:
    """What is said of where 20,000 hosts are is larger than a pipe takes at once."""
    hosts = [PictureHost(f"host-{number}.test", pictures=1) for number in range(20_000)]
    with FakeInternet(hosts) as large:
        assert len(large.place.addresses) == len(hosts)
        assert get(large, hosts[-1].urls()[0])[0].status == 200


def test_a_test_can_bring_hosts_of_its_own(make_internet: MakeInternet) -> None:
    """A class and its values reach the server's process."""
    own = make_internet(Echo("echo.test", "also.test"))
    assert get(own, "http://echo.test/a?b")[1] == b"/a?b"
    assert get(own, "http://also.test/c")[1] == b"/c"
    assert ask(own, "echo.test").rr[0].ttl == 7


def test_hosts_change_while_it_is_up(make_internet: MakeInternet) -> None:
    """An operator takes a page down, all of a site, or its name, and puts it back; others stay."""
    site, other = PictureHost("site.test"), PictureHost("other.test")
    own = make_internet(site, other)

    def statuses() -> list[int]:
        urls = ("http://site.test/0.jpg", "https://site.test/1.jpg", "http://other.test/0.jpg")
        return [get(own, url)[0].status for url in urls]

    own.change(TakenDown(site, "/0.jpg"))
    assert statuses() == [410, 200, 200]
    own.change(TakenDown(site, status=404))
    assert statuses() == [404, 404, 200]
    assert get(own, "http://site.test/robots.txt")[0].status == 404
    own.change(Vanished("other.test"))
    assert ask(own, "other.test").header.rcode == 3
    own.change(site, other)
    assert statuses() == [200, 200, 200]
    assert ask(own, "other.test").header.rcode == 0


def test_a_behaviour_brings_the_hosts_it_needs(make_internet: MakeInternet) -> None:
    """A redirect to another host finds that host there."""
    alone = make_internet("redirect-to-another-host")
    target = get(alone, url_of("redirect-to-another-host"))[0].headers["Location"]
    assert get(alone, target)[0].status == 200


def test_the_server_ends_with_whoever_started_it() -> None:
    """A starter that is gone without a word leaves no server behind."""
    starter = (
        "import os\nfrom tests.internet import FakeInternet\n"
        "internet = FakeInternet(['gone']).__enter__()\n"
        "print(internet.place.ports.http, flush=True)\nos._exit(9)\n"
    )
    started = subprocess.run(
        [sys.executable, "-c", starter], cwd=ROOT, stdout=subprocess.PIPE, timeout=60, check=False
    )
    deadline = time.monotonic() + 20
    while _listens(int(started.stdout)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _listens(int(started.stdout))


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_it_can_be_started_by_hand() -> None:
    """`python -m tests.internet` prints the flags and ends on Ctrl-C."""
    command = [sys.executable, "-m", "tests.internet", "not-found", "refused"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        flags = started.stdout.readline().split()
        started.send_signal(signal.SIGINT)
        assert started.wait(30) == 0
    assert flags[0] == "--nameserver"
    assert flags[2:4][0] == "--connect-to"
    assert flags[2:4][1].startswith("refused.test:::")


def test_routes_are_curls(internet: FakeInternet) -> None:
    """The first rule that fits counts; an empty part stands for any, or for the same."""
    ports = internet.place.ports
    assert route(internet, "refused.test", 443)[1] == ports.refused
    assert route(internet, "ok-jpeg.test", 443)[1] == ports.https
    assert route(internet, "ok-jpeg.test", 8080)[1] == 8080
