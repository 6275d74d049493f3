"""How the fake internet is found and connected to, and how that fails."""

import ssl
import sys

import pytest

from tests.client import RawClient, ask, get, url_of
from tests.conftest import MakeInternet
from tests.internet import FakeInternet, PictureHost


@pytest.mark.parametrize("name", ["stall-before-answer", "robots-stall"])
def test_a_stalling_host_says_nothing(internet: FakeInternet, name: str) -> None:
    """Nothing comes, and the connection stays."""
    path = "/robots.txt" if name == "robots-stall" else None
    with RawClient(internet, url_of(name), timeout_s=0.3) as client:
        client.send(target=path)
        with pytest.raises(TimeoutError):
            client.rest()


@pytest.mark.parametrize("name", ["stall-in-body", "drip"])
def test_a_body_may_stop_or_drip(internet: FakeInternet, name: str) -> None:
    """The head comes at once, the end of the body does not."""
    with RawClient(internet, url_of(name), timeout_s=1) as client:
        client.send()
        assert client.rest(64).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("name", ["reset", "reset-in-body"])
def test_a_reset_is_a_reset(internet: FakeInternet, name: str) -> None:
    """The connection ends by RST, not in order."""
    with RawClient(internet, url_of(name)) as client:
        client.send()
        with pytest.raises(ConnectionResetError):
            client.rest()


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("hang-up", b""),
        ("garbage", b"220 mail"),
        ("short-body", b"HTTP/1.1 200"),
        ("chunked-cut", b"H"),
    ],
)
def test_an_answer_may_end_early(internet: FakeInternet, name: str, start: bytes) -> None:
    """The connection ends in order, with less said than there should be."""
    with RawClient(internet, url_of(name)) as client:
        client.send()
        assert client.rest().startswith(start)


def test_an_endless_body_goes_on(internet: FakeInternet) -> None:
    """More comes than any limit; the server waits for a client that reads slowly."""
    with RawClient(internet, url_of("endless-body")) as client:
        client.send()
        assert len(client.rest(20_000_000)) >= 20_000_000


def test_a_refused_connection_is_refused(internet: FakeInternet) -> None:
    """Nobody listens, and the machine says so."""
    with pytest.raises(ConnectionRefusedError):
        RawClient(internet, url_of("refused"))


def test_a_black_hole_never_answers(internet: FakeInternet) -> None:
    """Connecting takes as long as one waits."""
    with pytest.raises(TimeoutError):
        RawClient(internet, url_of("black-hole"), timeout_s=0.3)


def test_requests_that_do_not_wait_are_answered_in_order(make_internet: MakeInternet) -> None:
    """Pipelined requests get their answers one after another, also behind a slow one."""
    slow = make_internet(PictureHost("slow.test", latency_s=0.05))
    with RawClient(slow, "http://slow.test/0.jpg") as client:
        for number in (0, 1, 2):
            client.send(target=f"/{number}.jpg", X_Number=str(number))
        bodies = [client.reply()[1] for _ in range(3)]
    assert bodies == [get(slow, f"http://slow.test/{number}.jpg")[1] for number in range(3)]


def test_a_request_may_come_byte_by_byte(internet: FakeInternet) -> None:
    """A head that arrives in pieces is one request."""
    with RawClient(internet, url_of("ok-png")) as client:
        for byte in b"GET /picture.png HTTP/1.1\r\nHost: ok-png.test\r\n\r\n":
            client.socket.sendall(bytes([byte]))
        assert client.reply()[0].status == 200


def test_what_is_no_request_is_refused(internet: FakeInternet) -> None:
    """Nonsense gets 400 and the connection's end."""
    with RawClient(internet, url_of("ok-jpeg")) as client:
        client.socket.sendall(b"EHLO ok-jpeg.test\r\n\r\n")
        assert client.rest().startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("tls-expired", "certificate has expired"),
        ("tls-wrong-name", "Hostname mismatch"),
        ("tls-self-signed", "self-signed certificate"),
        ("tls-unknown-ca", "unable to get local issuer certificate"),
    ],
)
def test_a_bad_certificate_is_bad_in_its_own_way(
    internet: FakeInternet, name: str, reason: str
) -> None:
    """A client that verifies is told what is wrong; one that does not gets the picture."""
    trusting = ssl.create_default_context(cafile=internet.ca_file)
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        RawClient(internet, url_of(name), context=trusting)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with RawClient(internet, url_of(name), context=trusting) as client:
        client.send()
        assert client.reply()[0].status == 200


def test_plain_text_on_the_tls_port_is_no_tls(internet: FakeInternet) -> None:
    """The handshake meets an answer in plain HTTP."""
    context = ssl.create_default_context(cafile=internet.ca_file)
    with pytest.raises(ssl.SSLError, match=r"(?i)wrong.version|record"):
        RawClient(internet, url_of("tls-plain-text"), context=context)


@pytest.mark.parametrize(
    ("name", "rcode"), [("nxdomain", "NXDOMAIN"), ("nodata", "NOERROR"), ("servfail", "SERVFAIL")]
)
def test_a_name_may_not_resolve(internet: FakeInternet, name: str, rcode: str) -> None:
    """Each way for a name to have no address has its own code."""
    reply = ask(internet, f"{name}.test")
    assert reply.rr == []
    assert reply.header.get_rcode() == {"NOERROR": 0, "SERVFAIL": 2, "NXDOMAIN": 3}[rcode]


def test_an_unknown_name_does_not_exist(internet: FakeInternet) -> None:
    """A name that no host has is NXDOMAIN; upper case makes no difference to one that has."""
    assert ask(internet, "nobody.example").header.get_rcode() == 3
    assert ask(internet, "OK-JPEG.Test").rr


def test_a_silent_name_server_is_silent(internet: FakeInternet) -> None:
    """The question is left without an answer, and logged."""
    with pytest.raises(TimeoutError):
        ask(internet, "dns-silent.test")
    silent = [lookup for lookup in internet.lookups() if lookup.name == "dns-silent.test"]
    assert (silent[-1].qtype, silent[-1].rcode) == ("A", None)


def test_a_truncated_answer_is_whole_over_tcp(internet: FakeInternet) -> None:
    """UDP says that there is more; TCP has it."""
    assert ask(internet, "dns-truncated.test").header.tc == 1
    assert len(ask(internet, "dns-truncated.test", tcp=True).rr) == 1


def test_a_name_may_lead_to_a_private_address(internet: FakeInternet) -> None:
    """IPv4 and IPv4 in IPv6 alike."""
    assert ask(internet, "dns-private.test").short() == "10.0.0.1"
    assert ask(internet, "dns-mapped.test", "AAAA").rr
    assert not ask(internet, "ok-jpeg.test", "AAAA").rr


@pytest.mark.skipif(sys.platform != "linux", reason="only 127.0.0.1 is there by default")
def test_hosts_live_at_addresses_of_their_own(internet: FakeInternet) -> None:
    """Two hosts share an address only where they are meant to."""
    of = internet.place.addresses
    assert of["shared-address-one.test"] == of["shared-address-two.test"]
    assert len(set(of.values())) == len(of) - 1
