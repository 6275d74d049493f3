"""Whether anybody listens at the address of a cluster."""

import socket

import pytest

from crawler.engines.knock import knock


@pytest.mark.parametrize("spelling", ["127.0.0.1:{}", "ray://127.0.0.1:{}"])
def test_who_is_not_there_is_known_at_once(spelling: str) -> None:
    """An address is let through while somebody listens there, and refused when nobody does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = spelling.format(server.getsockname()[1])
        knock(address)
    with pytest.raises(ConnectionRefusedError):
        knock(address)


@pytest.mark.parametrize("address", ["auto", "local", "ray://head", "[::1]"])
def test_what_has_no_port_is_left_to_ray(address: str) -> None:
    """Words that Ray understands, and hosts of which only Ray knows the port."""
    knock(address)
