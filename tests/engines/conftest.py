"""Engines to run a crawl with: processes of this machine, and a Ray cluster of three nodes on it."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

HOME = Path(__file__).parent / "home"
# For every process of Ray that a test starts, and for the commands that join it.
RAY_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_USAGE_STATS_REPORT_URL": "http://127.0.0.1:9/",  # that it is off would be reported
    "HOME": str(HOME),  # where Ray reads its provider, or it would ask three clouds
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
}


@contextmanager
def ray_cluster(workers: int, **of_head: object) -> Iterator[Any]:
    """Start a head without cores and worker nodes of one core each; yield Ray's own `Cluster`.

    `of_head` are more of Ray's parameters for the head.
    """
    pytest.importorskip("ray", reason="Ray is not installed: make ray")
    with pytest.MonkeyPatch.context() as patch:
        for name, text in RAY_ENVIRONMENT.items():
            patch.setenv(name, text)
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        from ray.cluster_utils import Cluster

        head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": 100_000_000}
        cluster = Cluster(initialize_head=True, head_node_args={**head, **of_head})
        try:
            for _ in range(workers):
                cluster.add_node(num_cpus=1, object_store_memory=100_000_000, wait=False)
            cluster.wait_for_nodes(timeout=120)
            yield cluster
        finally:
            cluster.shutdown()


@pytest.fixture(scope="session")
def shared_cluster() -> Iterator[Any]:
    """A cluster of two worker nodes, for tests that leave it whole."""
    with ray_cluster(workers=2) as cluster:
        yield cluster


@pytest.fixture(params=["local", "ray"])
def engine(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The options of `stillup crawl` that choose an engine, with two workers at a time."""
    flags = ("--engine", str(request.param), "--workers", "2")
    if request.param == "local":
        return flags
    return (*flags, "--address", request.getfixturevalue("shared_cluster").address)
