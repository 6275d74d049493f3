"""The bench walks a real list on its own server, and notices what a peer did not fetch."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.crawl import cores, links, servers
from bench.crawl.failed import BenchFailed
from bench.crawl.links import Workload
from bench.crawl.measure import measure
from bench.crawl.peers import PEERS

ANYWHERE = cores.Cores(None, None)


@pytest.fixture(scope="module")
def digests(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    folder = tmp_path_factory.mktemp("pictures")
    return folder, links.paint(folder)


def _workload(ports: list[int], digests: list[str]) -> Workload:
    return links.workload("a few", links.places(3, ports), 5, digests)


def test_a_peer_that_fetches_every_link_is_measured(
    tmp_path: Path, digests: tuple[Path, list[str]]
) -> None:
    """The bare loop walks a list on our own server, and its time is told."""
    ports = links.free_ports(3)
    with servers.serving("own", digests[0], ports, tmp_path, ANYWHERE):
        spent = measure(PEERS["bare"], _workload(ports, digests[1]), tmp_path, ANYWHERE)
    assert spent.wall_s > 0
    assert spent.cpu_s > 0


def test_a_link_that_came_to_another_digest_fails_the_bench(
    tmp_path: Path, digests: tuple[Path, list[str]]
) -> None:
    """A walk whose digests are not those of the pictures is no measurement."""
    ports = links.free_ports(3)
    honest = _workload(ports, digests[1])
    first = next(iter(honest.expected))
    altered = replace(honest, expected=honest.expected | {first: "0" * 64})
    with (
        servers.serving("own", digests[0], ports, tmp_path, ANYWHERE),
        pytest.raises(BenchFailed, match="1 came to another sha256"),
    ):
        measure(PEERS["bare"], altered, tmp_path, ANYWHERE)


def test_pictures_are_the_same_every_time(tmp_path: Path, digests: tuple[Path, list[str]]) -> None:
    """Pictures come from fixed seeds, each is another one, and they weigh about 14 kB."""
    assert links.paint(tmp_path) == digests[1]
    assert len(set(digests[1])) == links.PICTURES
    assert abs(links.average_bytes(tmp_path) - 14_000) < 1_000
