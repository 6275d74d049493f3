"""The resolver: what it asks, and that its options are its own."""

from typing import Any

import pycares
import pytest

from crawler.visit.dns import Resolver
from tests.conftest import MakeInternet
from tests.internet import PictureHost


class Busy:
    """The library of c-ares, called while the memory that nobody holds on to is taken by others."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self._taken: list[object] = []

    def ares_init_options(self, *options: Any) -> Any:
        """Take what memory is free, then call."""
        self._taken += [pycares._ffi.new("char[]", b"x") for _ in range(10_000)]  # type: ignore[attr-defined]
        return self._library.ares_init_options(*options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._library, name)


async def test_options_are_kept_until_they_are_read(
    make_internet: MakeInternet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A resolver asks its name server, whatever has become of memory that its options lay in."""
    internet = make_internet(PictureHost("a.test"))
    monkeypatch.setattr(pycares, "_lib", Busy(pycares._lib))  # type: ignore[attr-defined]
    resolver = Resolver((internet.nameserver,), 5.0)
    try:
        assert await resolver.addresses("a.test") == (internet.place.addresses["a.test"],)
    finally:
        await resolver.close()
