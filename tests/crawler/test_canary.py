"""The canary from outside: what the servers' logs and the rows of `hosts` say of it."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeInternet
from tests.internet import FakeInternet, LoggedRequest, PictureHost
from tests.internet.host import Host
from tests.internet.messages import NOT_FOUND, Answer, Reply, Request, page
from tests.runs import crawled, planned, rows

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow

PICTURE_ROBOTS = "User-agent: *\nAllow: /0.jpg\nAllow: /1.jpg\nDisallow: /\n"


class Welcoming(PictureHost):
    """Serves its pictures, and sends nonsense on to a page that says sorry."""

    def look(self, request: Request) -> Answer:
        """Say sorry at /sorry, and send there."""
        if request.path == "/sorry":
            return page(200, "Sorry")
        found = super().look(request)
        return Reply(status=302, headers=(("Location", "/sorry"),)) if found is NOT_FOUND else found


class Walled(PictureHost):
    """Serves its pictures, and stays silent about nonsense with 429."""

    def look(self, request: Request) -> Answer:
        """Ask to wait for what is not there."""
        found = super().look(request)
        return page(429, "Later") if found is NOT_FOUND else found


class Large(PictureHost):
    """Answers everything with a picture of 200 kB, and takes ranges."""

    def look(self, request: Request) -> Answer:
        """Serve the first picture's bytes."""
        found = super().look(request)
        body = b"\x89PNG\r\n\x1a\n" + bytes(200_000)
        return (
            Reply(headers=(("Content-Type", "image/png"),), body=body, ranges=True)
            if found is NOT_FOUND
            else found
        )


def nonsense(log: list[LoggedRequest]) -> list[LoggedRequest]:
    """Return the requests for names that are 32 hexadecimal digits."""
    return [asked for asked in log if re.fullmatch(r"/[0-9a-f]{32}\.jpg", asked.target)]


def canary(run: Path, host: str) -> dict[str, Any]:
    """Return the canary's columns of a host, of the one visit that has them."""
    found = [row for row in rows(run, "hosts") if row["host"] == host and row["canary_outcome"]]
    assert len(found) == 1
    return {name[7:]: value for name, value in found[0].items() if name.startswith("canary_")}


@dataclass(frozen=True, slots=True)
class Crawl:
    """A crawl of every host of this file, and what they saw of it."""

    run: Path
    log: list[LoggedRequest]


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    """Crawl them all at once, which is the dear part."""
    hosts = [
        PictureHost("one.test", pictures=1),
        PictureHost("many.test", pictures=60),
        PictureHost("shy.test", pictures=2, robots_text=PICTURE_ROBOTS),
        Welcoming("welcoming.test", pictures=2),
        Walled("walled.test", pictures=120),
    ]
    urls = [url for host in hosts for url in host.urls()]
    urls += ["http://silent.test/0.jpg", "http://silent.test/1.jpg"]
    with FakeInternet([*hosts, Host("silent.test")]) as internet:
        run = crawled(planned(tmp_path_factory.mktemp("canary"), urls), internet)
    return Crawl(run, internet.log())


def test_once_a_host_and_only_where_something_was_served(crawl: Crawl) -> None:
    """A host that served a link is asked for nonsense once; one that serves nothing never is."""
    asked = [
        request
        for request in nonsense(crawl.log)
        if request.host in {"one.test", "many.test", "silent.test"}
    ]
    assert sorted(request.host for request in asked) == ["many.test", "one.test"]
    assert all(request.method == "GET" and request.target.endswith(".jpg") for request in asked)
    found = canary(crawl.run, "one.test")
    assert (found["outcome"], found["status"]) == ("gone", 404)
    assert found["url"] == next(request.url for request in asked if request.host == "one.test")
    silent = [row for row in rows(crawl.run, "hosts") if row["host"] == "silent.test"]
    assert [row["canary_outcome"] for row in silent] == [None] * len(silent)
    assert sum(row["requests"] for row in rows(crawl.run, "hosts")) == len(crawl.log)


def test_redirects_are_followed(crawl: Crawl) -> None:
    """Where the host sends nonsense is known, and what is there."""
    found = canary(crawl.run, "welcoming.test")
    assert found["outcome"] == "ok"
    assert found["final_url"] == "http://welcoming.test/sorry"
    assert found["media_type"] == "text/html"
    assert len(found["sha256"]) == 32
    assert found["body_bytes"] > 0


def test_robots_txt_is_obeyed(crawl: Crawl) -> None:
    """Nonsense that robots.txt forbids is not asked for, and the row says why."""
    assert [request for request in nonsense(crawl.log) if request.host == "shy.test"] == []
    found = canary(crawl.run, "shy.test")
    assert (found["outcome"], found["status"]) == ("robots_denied", None)


def test_a_failed_canary_costs_the_links_nothing(crawl: Crawl) -> None:
    """Where nonsense is never answered, each link is still looked at, and few requests are wasted."""
    seen = {row["outcome"] for row in rows(crawl.run) if row["host"] == "walled.test"}
    assert seen == {"ok"}
    asked = [request for request in nonsense(crawl.log) if request.host == "walled.test"]
    assert 1 <= len(asked) <= 3
    visits = [row for row in rows(crawl.run, "hosts") if row["host"] == "walled.test"]
    outcomes = [row["canary_outcome"] for row in visits if row["canary_outcome"]]
    assert outcomes == ["rate_limited"] * len(asked)


@pytest.mark.parametrize(
    ("mode", "method"), [("head", "HEAD"), pytest.param("sniff", "GET", marks=pytest.mark.slow)]
)
def test_a_part_is_enough(
    mode: str, method: str, tmp_path: Path, make_internet: MakeInternet
) -> None:
    """In the modes that read little, the canary is a GET of 64 KiB by Range."""
    host = Large("large.test", pictures=2)
    internet = make_internet(host)
    run = crawled(planned(tmp_path, host.urls()), internet, "--mode", mode)
    [asked] = nonsense(internet.log())
    assert asked.method == "GET"
    assert asked.header("range") == "bytes=0-65535"
    assert {request.method for request in internet.log() if request.target == "/0.jpg"} == {method}
    found = canary(run, "large.test")
    assert (found["outcome"], found["status"]) == ("ok", 206)
    assert found["media_type"] == "image/png"
    assert found["body_bytes"] == 65_536
    assert found["sha256"] is None
