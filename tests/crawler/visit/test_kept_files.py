"""What was read of origins: no more than so much of it, and of hosts that are known."""

from operator import attrgetter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crawler.options import load_policy
from crawler.records import Origin
from crawler.visit.host_state import HostState
from crawler.visit.kept_files import KeptFiles

MOST = 10  # files of the least weight
TABLE: Any = attrgetter("robots")
PACE = load_policy().pace


def host(name: str) -> HostState:
    """Return the state of a host."""
    return HostState(name, name, PACE)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4)), max_size=60))
def test_what_was_read_longest_ago_is_taken_out(files: list[tuple[int, int]]) -> None:
    """Hosts hold the files that were read last, once each, and no others."""
    kept, hosts = KeptFiles(MOST * 500, TABLE), [host(f"{n}.test") for n in range(6)]
    read: dict[tuple[int, Origin], None] = {}
    for at, port in files:
        origin = Origin("http", f"{at}.test", port)
        TABLE(hosts[at])[origin] = None
        kept.add(hosts[at], origin, None)
        read.pop((at, origin), None)
        read[at, origin] = None
    held = {(at, origin) for at, state in enumerate(hosts) for origin in TABLE(state)}
    assert held == set(list(read)[-MOST:])


def test_a_host_that_is_forgotten_takes_its_files_along() -> None:
    """Nothing is held of hosts that nobody knows any more, and it does not count against others."""
    kept, known = KeptFiles(MOST * 500, TABLE), host("known.test")
    first = Origin("http", "known.test", 80)
    TABLE(known)[first] = None
    kept.add(known, first, None)
    for n in range(3 * MOST):
        other = host(f"{n}.test")
        TABLE(other)[Origin("http", other.host, 80)] = None
        kept.add(other, Origin("http", other.host, 80), None)
        del other
    assert first in TABLE(known)
    assert len(kept._weights) == 1
