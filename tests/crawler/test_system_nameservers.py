"""The system's name servers: read as its own resolver reads them, whatever else is in the file."""

from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.system_nameservers import system_nameservers

HERE = ("127.0.0.1",)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("search corp.test\noptions ndots:5 rotate\nnameserver 192.0.2.1\n", ("192.0.2.1",)),
        ("nameserver\t2001:db8::1 # ours\n nameserver 192.0.2.2\n", ("2001:db8::1", "192.0.2.2")),
        ("nameserver 192.0.2.4\nnameserver 192.0.2.3\n" * 2, ("192.0.2.4", "192.0.2.3", "192.0.2.4")),
        ("nameserver ns.test\nnameserver 192.0.2.1", ("192.0.2.1",)),
        ("#nameserver 192.0.2.1\n;nameserver 192.0.2.1\nnameserver\n", HERE),
        ("nameservers 192.0.2.1\nxnameserver 192.0.2.1\n", HERE),
        ("", HERE),
    ],
)  # fmt: skip
def test_the_servers_that_are_named(tmp_path: Path, content: str, found: tuple[str, ...]) -> None:
    """Addresses alone, at most three, in their order; this machine where there is none."""
    file = tmp_path / "resolv.conf"
    file.write_text(content, encoding="utf-8")
    assert system_nameservers(file) == found


def test_without_the_file_this_machine_is_asked(tmp_path: Path) -> None:
    """No file, or something else in its place, is no failure."""
    assert system_nameservers(tmp_path / "none") == system_nameservers(tmp_path) == HERE


@settings(max_examples=30)
@given(content=st.binary(max_size=80) | st.from_regex(rb"(nameserver [0-9a-f:.%]{0,9}\n){0,5}"))
def test_any_file_gives_addresses(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever bytes it holds, one to three addresses come of it."""
    file = tmp_path_factory.getbasetemp() / "any.conf"
    file.write_bytes(content)
    found = system_nameservers(file)
    assert 1 <= len(found) <= 3
    assert all(map(ip_address, found))
