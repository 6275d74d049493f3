"""Fixtures for every suite: the fake internet, which is the only network that tests may use.

Each worker of pytest-xdist has its own, on ports of its own.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from hypothesis import settings

from tests.internet import FakeInternet, Host, ReplayOptions

# How long an example takes says more about the machine than about us.
settings.register_profile("stillup", deadline=None)
settings.load_profile("stillup")

MakeInternet = Callable[..., FakeInternet]


@pytest.fixture(scope="session")
def internet() -> Iterator[FakeInternet]:
    """A fake internet with every misbehaving host, shared by the tests of a worker.

    Its log and its hosts' memories are shared as well: ask with a query of your own, or take
    `make_internet`, where that matters.
    """
    with FakeInternet() as shared:
        yield shared


@pytest.fixture
def make_internet() -> Iterator[MakeInternet]:
    """A factory of fake internets that are this test's alone: `make_internet("reset", MyHost())`."""
    with ExitStack() as stack:

        def make(*hosts: Host | str, replay: ReplayOptions | None = None) -> FakeInternet:
            return stack.enter_context(FakeInternet(hosts, replay=replay))

        yield make
