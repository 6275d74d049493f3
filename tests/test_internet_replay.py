"""The replay says what the recording says, and admits to what it does not know."""

from collections import Counter

import filetype
import pytest

from tests.client import ask, get
from tests.conftest import MakeInternet
from tests.internet import ReplayOptions
from tests.internet.framing import frame
from tests.internet.messages import Reply, Request
from tests.internet.replay import Recording, ReplayHost, recording, replay_hosts
from tests.internet.replay.hosts import Failure

EXCEPTION = 408


@pytest.fixture(scope="module")
def whole() -> Recording:
    """Return the whole recording."""
    return recording()


@pytest.fixture(scope="module")
def hosts(whole: Recording) -> list[ReplayHost]:
    """Return the hosts of the whole recording, with small bodies."""
    return replay_hosts(whole, ReplayOptions(max_body_bytes=3_000))


def asked(url: str) -> Request:
    """Return a request for a URL."""
    scheme, _, rest = url.partition("://")
    authority, _, target = rest.partition("/")
    return Request("GET", f"/{target}", authority, scheme, "127.0.0.1", 80, 1, 0.0, 0.0, b"GET")


def test_every_link_of_the_list_has_a_reply(whole: Recording, hosts: list[ReplayHost]) -> None:
    """15,833 links; half of them with a reply that was really recorded."""
    assert len(whole.replies) == 15_833
    assert len(whole.recorded) == 7_986
    assert sum(len(host.links) for host in hosts) == 15_833


def test_a_recorded_link_is_served_as_recorded(whole: Recording, hosts: list[ReplayHost]) -> None:
    """Status and sniffed media type, for every link that had an answer."""
    for host in hosts:
        for url in whole.recorded.intersection(host.links):
            recorded, answer = whole.replies[url], host.look(asked(url))
            if recorded.status == EXCEPTION:
                assert answer.status is None
                continue
            assert isinstance(answer, Reply)
            assert answer.status == recorded.status
            if recorded.media_type and recorded.media_type.startswith("image/"):
                assert filetype.guess_mime(answer.body) == recorded.media_type


def test_headers_are_as_recorded_but_for_the_framing(
    whole: Recording, hosts: list[ReplayHost]
) -> None:
    """Content-Type, ETag, Last-Modified and Server are kept; one length, and it is the body's."""
    kept = {"Content-Type", "ETag", "Last-Modified", "Server", "X-Robots-Tag"}
    for host in hosts[::7]:
        for url, recorded in host.links.items():
            answer = host.look(asked(url))
            if isinstance(answer, Reply):
                served = {name: text for name, text in answer.headers if name in kept}
                assert served == {name: text for name, text in recorded.headers if name in kept}
                head = frame(answer, asked(url)).partition(b"\r\n\r\n")[0].lower()
                framing = head.count(b"\r\ncontent-length:") + head.count(b"\r\ntransfer-enc")
                assert framing == (answer.status != 204)


def test_the_drawn_replies_are_like_the_recorded_ones(whole: Recording) -> None:
    """The share of each common status among drawn links is near its share among recorded ones."""
    drawn = Counter(
        reply.status for url, reply in whole.replies.items() if url not in whole.recorded
    )
    known = Counter(whole.replies[url].status for url in whole.recorded)
    for status in (200, 404, 403, EXCEPTION):
        assert drawn[status] / drawn.total() == pytest.approx(
            known[status] / known.total(), abs=0.02
        )


def test_hosts_that_always_failed_fail_in_every_way(hosts: list[ReplayHost]) -> None:
    """Each kind of failure is there, and only at hosts all of whose replies are exceptions."""
    failing = [host for host in hosts if host.failure is not None]
    assert {host.failure for host in failing} == set(Failure)
    for host in failing:
        assert {reply.status for reply in host.links.values()} == {EXCEPTION}


def test_open_robots_allow_everything_and_mixed_forbid_a_little(whole: Recording) -> None:
    """`open` never forbids or slows; `mixed` does so for a small share of hosts and of links."""
    assert not _restricted(replay_hosts(whole, ReplayOptions(robots="open")))
    mixed = _restricted(replay_hosts(whole, ReplayOptions(robots="mixed")))
    assert 50 < len(mixed) < 400
    assert 0 < sum(len(host.links) for host in mixed) < 800


def _restricted(hosts: list[ReplayHost]) -> list[ReplayHost]:
    restricted = []
    for host in hosts:
        answer = host.robots(asked(f"http://{host.names[0]}/robots.txt"))
        assert isinstance(answer, Reply)
        if answer.status == 200 and (b"Disallow" in answer.body or b"Crawl-delay" in answer.body):
            restricted.append(host)
    return restricted


def test_the_replay_is_served(make_internet: MakeInternet) -> None:
    """The first links of the list, over the wire: DNS, TLS, status and the same bytes twice."""
    first = recording(60)
    internet = make_internet(replay=ReplayOptions(links=60, max_body_bytes=20_000))
    hosts = {host.names[0]: host for host in replay_hosts(first, ReplayOptions(links=60))}
    for url, reply in first.replies.items():
        if reply.status == EXCEPTION:
            continue
        response, body = get(internet, url)
        assert response.status == reply.status
        assert len(body) <= 20_000
        assert hosts[url.split("/")[2]].failure is None
    url = next(url for url, reply in first.replies.items() if reply.status == 200)
    assert get(internet, url)[1] == get(internet, url)[1]
    assert ask(internet, url.split("/")[2]).short().startswith("127.")


def test_a_recording_is_asked_for_by_its_exact_target(
    whole: Recording, hosts: list[ReplayHost]
) -> None:
    """Another case, another query or another coding of a path is another link, and not there."""
    url = "https://i.pinimg.com/736x/66/01/6c/66016c3ba27c0e04f39e2bd81a934e3e--anita-ekberg-bob-hope.jpg"
    host = next(host for host in hosts if host.names == ("i.pinimg.com",))
    assert url in whole.replies
    assert host.look(asked(url)).status == 200
    for other in (url.replace("anita", "ANITA"), f"{url}?", url.replace("736x", "%37%336x")):
        assert host.look(asked(other)).status == 404
