"""The review desk over real HTTP: whom it answers, what it says, and what it keeps."""

import html
import http.client
import re
import signal
import socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPResponse
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

import pytest

from analysis.derive import derive
from analysis.desk.desk import Desk
from analysis.desk.doors import Doors
from analysis.desk.server import DeskServer
from analysis.review import TERMS
from analysis.runfile import read_run
from analysis.segments import list_segments
from analysis.session import open_session
from tests.analysis.asking import rows_of
from tests.analysis.runs import crawl, link, look, plan
from tests.runs import STILLUP, stillup_here

KEY = "k" * 43
EVIL = "s3.amazonaws.com/%3Cscript%3E'\"<img"
Reply = tuple[int, dict[str, str], str]


class Browser:
    """Asks a desk as a browser would; every header can be another."""

    def __init__(self, run: Path, port: int, desk: Desk) -> None:
        self.run, self.port, self.desk = run, port, desk
        self.host = f"127.0.0.1:{port}"
        self.cookie = f"stillup-{port}={KEY}"
        self.token = Doors(port, KEY).token

    def get(self, path: str, **headers: str) -> Reply:
        """Ask for a page."""
        return self._ask("GET", path, None, {"Host": self.host, "Cookie": self.cookie} | headers)

    def decide(self, headers: dict[str, str] | None = None, **fields: str) -> Reply:
        """Send the form of a case."""
        form = {"token": self.token, "place": "leak.test", "decision": "confirm", "by": "Bea"}
        sent = {"Host": self.host, "Cookie": self.cookie, "Origin": f"http://{self.host}"}
        sent |= {"Content-Type": "application/x-www-form-urlencoded"} | (headers or {})
        return self._ask("POST", "/decide", urlencode(form | fields), sent)

    def reviews(self) -> list[dict[str, object]]:
        """Return what was kept."""
        return rows_of(self.run, "select place, level, decision, reviewer, note from reviews")

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Reply:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request(method, path, body, {k: v for k, v in headers.items() if v})
            answer: HTTPResponse = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    """Return a browser at a desk over a run with a leak and a bucket of a hostile name."""
    links = [link(n, "leak.test", caption=f"biopsy of Ann Roe, {n}.03.2001") for n in range(1, 30)]
    url = f"http://{EVIL}/patients/30.jpg"
    links.append(
        link(
            30, "amazonaws.com", host="s3.amazonaws.com", wire_url=url, caption="biopsy of Ann Roe"
        )
    )
    run = plan(tmp_path / "run", links)
    crawl(run, [look(row["link_id"], status=200, media_type="image/png") for row in links])
    facts = read_run(run)
    derive(facts)
    with DeskServer(0) as server, open_session(facts, list_segments(run), TERMS) as session:
        port = server.server_address[1]
        server.desk = Desk(facts, session, Doors(port, KEY), "Bea", lambda: datetime.now(UTC))
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield Browser(run, port, server.desk)
        server.shutdown()
        thread.join()


def test_a_finding_is_decided_on(browser: Browser) -> None:
    """The list leads to a case, the case has a form, and what it sends is kept and shown."""
    status, _, listed = browser.get("/")
    assert (status, "29" in listed) == (200, True)
    [address] = re.findall(r'href="([^"]*leak\.test)"', listed)
    _, _, case = browser.get(html.unescape(address))
    assert "http://leak.test/1.jpg" in case
    assert "own_record" in case
    [token] = re.findall(r'name="token" value="(\w+)"', case)
    status, headers, _ = browser.decide(token=token, note="files of patients")
    assert (status, headers["Location"]) == (303, "/place?place=leak.test")
    assert browser.reviews() == [
        {
            "place": "leak.test",
            "level": "domain",
            "decision": "confirm",
            "reviewer": "Bea",
            "note": "files of patients",
        }
    ]
    assert "confirm by Bea" in browser.get("/")[2]
    assert "files of patients" in browser.get(address)[2]


def test_only_who_has_the_key_is_answered(browser: Browser) -> None:
    """Without the cookie nothing is said, not even to another user of the machine; the key gives it."""
    for cookie in ("", "stillup-1=" + KEY, f"stillup-{browser.port}=wrong", "\x00=;;"):
        status, _, page = browser.get("/", Cookie=cookie)
        assert (status, "leak.test" in page) == (403, False)
    status, headers, _ = browser.get(f"/?key={KEY}", Cookie="")
    assert (status, headers["Location"]) == (303, "/")
    assert "HttpOnly; SameSite=Strict" in headers["Set-Cookie"]
    assert browser.get("/?key=wrong", Cookie="")[0] == 403


def test_a_name_that_leads_here_is_not_answered(browser: Browser) -> None:
    """A stranger's name that leads to 127.0.0.1 is refused, even with the key (DNS rebinding)."""
    for host in (
        "evil.test",
        f"evil.test:{browser.port}",
        "127.0.0.1",
        f"127.0.0.1:{browser.port}.",
    ):
        assert browser.get("/", Host=host)[0] in (400, 403)
        assert browser.get(f"/?key={KEY}", Host=host)[0] in (400, 403)
    assert browser.get("/", Host=f"localhost:{browser.port}")[0] == 200


def test_a_decision_comes_from_our_own_page(browser: Browser) -> None:
    """A form of another page, without the token or from another origin, decides nothing."""
    not_ascii = "é"
    wrong = [
        browser.decide({"Origin": "http://evil.test"}),
        browser.decide({"Origin": "null"}),
        browser.decide({"Origin": ""}),
        browser.decide({"Origin": f"https://{browser.host}"}),
        browser.decide({"Cookie": ""}),
        browser.decide(token=""),
        browser.decide(token=KEY),
        browser.decide(token=not_ascii),
    ]
    assert {status for status, _, _ in wrong} == {403}
    assert browser.get("/decide?decision=confirm&place=leak.test&by=x")[0] == 404
    assert browser.reviews() == []


def test_what_is_no_decision_is_said(browser: Browser) -> None:
    """A decision that is none, of nobody, or on no finding is refused in words."""
    wrong = [
        browser.decide(decision="maybe"),
        browser.decide(by=" "),
        browser.decide(by="a\x1b[31m"),
        browser.decide(place="nobody.test"),
        browser.decide(note="n" * 3000),
    ]
    assert {status for status, _, _ in wrong} == {400}
    assert browser.decide(note="n" * 40_000)[0] == 413
    assert browser.get("/place?place=nobody.test")[0] == 400
    assert browser.get("/../run.toml")[0] == 404
    assert browser.reviews() == []


def test_pages_hold_nothing_of_a_stranger_that_acts(browser: Browser) -> None:
    """A hostile name is text and can be decided on; no page has a script or a picture, or may be framed."""
    listed = browser.get("/")[2]
    address = next(one for one in re.findall(r'href="([^"]*)"', listed) if "amazonaws" in one)
    _, headers, case = browser.get(html.unescape(address))
    for page in (listed, case):
        assert "<script" not in page
        assert "<img" not in page
        assert "&lt;img" in page
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert headers["Cache-Control"] == "no-store"
    assert browser.decide(place=EVIL)[0] == 303
    assert browser.reviews()[0]["level"] == "tenant"


def test_only_this_machine_is_listened_to(browser: Browser) -> None:
    """The desk listens on 127.0.0.1, not on every address that the machine has."""
    for family, address in ((socket.AF_INET, "127.0.0.2"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as caller:
            caller.settimeout(2)
            assert caller.connect_ex((address, browser.port)) != 0


def test_who_breaks_off_and_who_asks_for_nonsense(
    browser: Browser, capfd: pytest.CaptureFixture[str]
) -> None:
    """A browser that goes away in the middle, and an address that is none, are no fault of the desk."""
    for head in (b"GET / HTTP/1.1\r\nHost: x", b"GET http://[::1 HTTP/1.0\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", browser.port), timeout=20) as caller:
            caller.sendall(head)
            if head.endswith(b"\n"):
                assert caller.recv(100).startswith(b"HTTP/1.0 400")
            else:
                caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert browser.get("/")[0] == 200
    assert capfd.readouterr().err == ""


def test_a_list_that_is_cut_says_so(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are more findings than the list shows, it does not call them all."""
    assert "<p>2 places" in browser.get("/")[2]
    monkeypatch.setattr("analysis.desk.desk._MOST", 1)
    browser.desk.__post_init__()
    assert "<p>The first 1 places" in browser.get("/")[2]


@pytest.mark.slow
def test_ctrl_c_is_the_way_to_end_it(browser: Browser) -> None:
    """The command ends without an error when it is told to."""
    command = [*STILLUP, "serve", str(browser.run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as desk:
        assert desk.stdout is not None
        assert desk.stdout.readline().startswith(b"http://127.0.0.1:")
        desk.send_signal(signal.SIGINT)
        assert (desk.wait(timeout=20), desk.communicate()[1]) == (0, b"")


def test_a_port_that_is_taken_is_said(browser: Browser) -> None:
    """Where the port is taken the command ends with one line."""
    done = stillup_here("serve", browser.run, "--port", browser.port)
    assert done.returncode == 1
    assert done.stderr.startswith("stillup: cannot listen on 127.0.0.1")
