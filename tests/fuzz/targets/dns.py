"""A name server's answer, and names that it is asked for."""

from ipaddress import ip_address

from crawler.dns_message import BadMessageError, BadNameError, Kind, question, reply

ASKED = {kind: question(7, "a.test", kind) for kind in (Kind.A, Kind.AAAA)}
_MOST_BYTES = 65_535


def dns(data: bytes) -> None:
    """Whatever bytes come back, they are an answer with addresses of the kind asked for, or none."""
    _check_question(data.decode("utf-8", "replace"))
    for kind, version in ((Kind.A, 4), (Kind.AAAA, 6)):
        asked = ASKED[kind]
        try:
            found = reply(asked[:2] + data[: _MOST_BYTES - 2], asked)
        except BadMessageError:
            continue
        assert all(ip_address(text).version == version for text in found.addresses)
        assert found.lives_s is None or found.lives_s >= 0
        assert not (found.says_no and found.addresses)


def _check_question(name: str) -> None:
    """Any name is a message of at most so many bytes, or refused."""
    try:
        packed = question(7, name, Kind.A)
    except BadNameError:
        return
    assert len(packed) <= 12 + 255 + 4 + 11
