"""Fixtures for every suite: the fake internet, which is the only network that tests may use.

Each worker of pytest-xdist has its own, on ports of its own.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from hypothesis import settings

from tests.buckets import ObjectStorage, object_storage
from tests.internet import FakeInternet, Host, ReplayOptions
from tests.warm import WarmPopen

# How long an example takes says more about the machine than about us.
settings.register_profile("quick", deadline=None, max_examples=30)
settings.register_profile("thorough", deadline=None, max_examples=200)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

FakeInternet.popen = WarmPopen

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


@pytest.fixture(scope="session")
def _object_storage() -> Iterator[ObjectStorage]:
    """The server, as long as a worker lives."""
    with object_storage() as storage:
        yield storage


@pytest.fixture
def storage(_object_storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch) -> ObjectStorage:
    """An S3 server on loopback with one bucket, shared by the tests of a worker: take a prefix."""
    for name, value in _object_storage.environment.items():
        monkeypatch.setenv(name, value)
    _object_storage.counted()
    return _object_storage
