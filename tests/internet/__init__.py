"""A fake internet on loopback: DNS, HTTP and HTTPS, a replay of real hosts and hosts that misbehave.

`internet.py` is the door. A client's bytes arrive at `connection.py`, are taken apart and framed by
`framing.py`, and answered by a `host.Host`: one of `behaviours/` or of `replay/`. Names are resolved
by `dns.py`, certificates come from `certificates.py`, and `request_log.py` notes it all.
"""

from tests.internet.behaviours import BEHAVIOURS, EXPECTED_UNDER, Behaviour, Expectation
from tests.internet.host import Host, PictureHost, TakenDown, Vanished
from tests.internet.internet import ALLOWED_NETWORKS, FakeInternet, FakeInternetError
from tests.internet.plug import Cut
from tests.internet.replay import ReplayOptions
from tests.internet.request_log import LoggedLookup, LoggedRequest

__all__ = [
    "ALLOWED_NETWORKS",
    "BEHAVIOURS",
    "EXPECTED_UNDER",
    "Behaviour",
    "Cut",
    "Expectation",
    "FakeInternet",
    "FakeInternetError",
    "Host",
    "LoggedLookup",
    "LoggedRequest",
    "PictureHost",
    "ReplayOptions",
    "TakenDown",
    "Vanished",
]
