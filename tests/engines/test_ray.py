"""What is Ray's own: nodes that die or freeze, a Ray on this machine alone, and no Ray at all."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bench.crawl.links import free_ports
from crawler.records.errors import RunFailed
from tests.conftest import MakeInternet
from tests.engines.conftest import ray_cluster
from tests.engines.crawls import (
    HOSTS,
    SLOWER_POLICY,
    ancestors,
    asked,
    assert_whole,
    assert_written,
    begun,
    ended,
    kill,
    most_asked,
    planned_slow,
    until,
    workers_of,
)
from tests.engines.networks import PORT, Networks, split_cluster
from tests.internet import FakeInternet
from tests.runs import planned, stillup

HEAD = ("gcs_server", "raylet")
# Ray leaves the log files of its client's server open where a test starts a head.
BY_CLIENT = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
CONTACT = ("--contact", "https://example.org/test")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A cluster of three worker nodes, of which tests break one each."""
    with ray_cluster(workers=3) as cluster:
        yield cluster


def at_work(run: Path, cluster: Any) -> list[Any]:
    """Return the nodes of a cluster that walk a shard of a run now."""
    walking = set().union(*map(ancestors, workers_of(run)))
    return [node for node in cluster.worker_nodes if raylet(node) in walking]


def process(node: Any, name: str) -> int:
    """Return the process of a node that is called so."""
    found: int = node.all_processes[name][0].process.pid
    return found


def raylet(node: Any) -> int:
    """Return the process that stands for a node on this machine."""
    return process(node, "raylet")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_dead_node_costs_no_more_than_seconds(
    tmp_path: Path, make_internet: MakeInternet, cluster: Any
) -> None:
    """What a node was walking when it died is walked to its end on another, and that is said."""
    internet = make_internet(*HOSTS)
    run = planned_slow(tmp_path)
    crawl = begun(run, internet, "--engine", "ray", "--address", cluster.address)
    until(asked(internet, 5))
    node, *_ = until(lambda: at_work(run, cluster))
    cluster.remove_node(node, allow_graceful=False)
    status, said = ended(crawl, timeout_s=300)
    assert status == 0, said
    assert "its worker or its node died" in said
    assert "another went on" in said
    assert_whole(run)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_node_that_only_seemed_dead_gives_way(
    tmp_path: Path, make_internet: MakeInternet, cluster: Any
) -> None:
    """A node that Ray gave up while its worker walks on: that one ends in order, another goes on."""
    internet = make_internet(*HOSTS)
    run = planned_slow(tmp_path)
    silent = raylet(next(iter(cluster.worker_nodes)))
    crawl = begun(run, internet, "--engine", "ray", "--address", cluster.address)
    until(asked(internet, 20))
    os.kill(silent, signal.SIGSTOP)
    try:
        status, said = ended(crawl, timeout_s=300)
    finally:
        os.kill(silent, signal.SIGCONT)
    assert status == 0, said
    assert_whole(run)


def under_way(
    tmp_path: Path,
    make_internet: MakeInternet,
    address: str,
    inside: Sequence[str] = (),
) -> tuple[Path, FakeInternet, subprocess.Popen[str]]:
    """Begin a crawl of two slow shards on a cluster; return run, internet and crawl after twenty links."""
    internet = make_internet(*HOSTS)
    run = planned_slow(tmp_path, shards=2)
    flags = ("--engine", "ray", "--address", address)
    crawl = begun(run, internet, *flags, policy=SLOWER_POLICY, inside=inside)
    until(asked(internet, 20))
    return run, internet, crawl


def goes_on(run: Path, internet: FakeInternet) -> None:
    """Nothing that was asked is lost, and the same command with another engine ends the rest."""
    until(lambda: workers_of(run) == [], timeout_s=60)
    assert_written(run, internet)
    status, said = ended(begun(run, internet, "--engine", "local", "--workers", 2))
    assert status == 0, said
    assert_whole(run)
    assert most_asked(internet) == 1


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_dead_head_ends_the_crawl_in_one_line(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """Without its head a cluster is given up: the shards are named, workers write what they asked."""
    with ray_cluster(workers=2) as cluster:
        run, internet, crawl = under_way(tmp_path, make_internet, cluster.address)
        kill(*(process(cluster.head_node, name) for name in HEAD))
        status, said = ended(crawl, timeout_s=120)
        assert status == 1
        assert said.strip().splitlines()[-1] == (
            "stillup: shards 0, 1: not finished, as the head of the Ray cluster has not answered"
            " for 60 s. What was written is kept; the same command goes on from here"
        )
        goes_on(run, internet)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_head_that_pauses_costs_nothing(tmp_path: Path, make_internet: MakeInternet) -> None:
    """A head that says nothing for 40 s and goes on: no worker is stopped for that."""
    with ray_cluster(workers=2) as cluster:
        run, internet, crawl = under_way(tmp_path, make_internet, cluster.address)
        before = workers_of(run)
        head = process(cluster.head_node, "gcs_server")
        os.kill(head, signal.SIGSTOP)
        time.sleep(40)
        os.kill(head, signal.SIGCONT)
        assert workers_of(run) == before
        status, said = ended(crawl, timeout_s=400)
    assert status == 0, said
    assert "another went on" not in said
    assert_whole(run)
    assert most_asked(internet) == 1


@BY_CLIENT
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_crawl_goes_by_way_of_rays_client(tmp_path: Path, make_internet: MakeInternet) -> None:
    """By `ray://` a crawl is interrupted in an orderly way, and ended by the same command."""
    internet = make_internet(*HOSTS)
    run = planned_slow(tmp_path)
    (port,) = free_ports(1)
    flags = ("--engine", "ray", "--address", f"ray://127.0.0.1:{port}")
    with ray_cluster(workers=2, ray_client_server_port=port):
        crawl = begun(run, internet, *flags)
        until(asked(internet, 20))
        crawl.send_signal(signal.SIGINT)
        status, said = ended(crawl, timeout_s=45)
        assert (status, "stopped; what was seen is kept" in said) == (1, True), said
        assert workers_of(run) == []
        assert_written(run, internet)
        status, said = ended(begun(run, internet, *flags))
    assert status == 0, said
    assert_whole(run)


@pytest.mark.slow
@pytest.mark.parametrize(("failures", "joins"), [(2, True), (3, False)])
def test_a_clients_server_that_does_not_start_is_asked_again(
    failures: int, *, joins: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who joins by `ray://` is not turned away because Ray's own process for it died, once or twice."""
    ray = pytest.importorskip("ray", reason="Ray is not installed: make ray")
    from crawler.engines.ray import RayEngine

    answers = iter([*[ConnectionAbortedError("it did not start")] * failures, None])

    def init(*_: object, **__: object) -> None:
        if (answer := next(answers)) is not None:
            raise answer

    (port,) = free_ports(1)
    monkeypatch.setattr(ray, "init", init)
    monkeypatch.setattr(ray, "shutdown", lambda: None)
    with socket.create_server(("127.0.0.1", port)):
        engine = RayEngine(address=f"ray://127.0.0.1:{port}")
        if joins:
            with engine:
                assert list(answers) == []
        else:
            with pytest.raises(RunFailed, match="it did not start"), engine:
                pass


@BY_CLIENT
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_rays_client_without_a_head_ends_in_one_line(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """By `ray://` a head that died ends the crawl as soon as Ray's client gives up."""
    (port,) = free_ports(1)
    with ray_cluster(workers=2, ray_client_server_port=port) as cluster:
        run, internet, crawl = under_way(tmp_path, make_internet, f"ray://127.0.0.1:{port}")
        kill(
            *(process(cluster.head_node, name) for name in HEAD),
            process(cluster.head_node, "ray_client_server"),
        )
        status, said = ended(crawl, timeout_s=120)
        assert status == 1
        assert said.strip().splitlines()[-1] == (
            "stillup: shards 0, 1: not finished, as the connection to the Ray cluster was lost."
            " What was written is kept; the same command goes on from here"
        )
        goes_on(run, internet)


@pytest.fixture
def networks() -> Iterator[Networks]:
    """A cluster of two nodes beside its head, each with a network of its own."""
    with split_cluster() as networks:
        yield networks


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_node_that_is_cut_off_gives_way(
    tmp_path: Path, make_internet: MakeInternet, networks: Networks
) -> None:
    """A worker that cannot be reached any more writes what it asked and ends, and another goes on."""
    address = f"{networks.address('head')}:{PORT}"
    inside = networks.inside("head")
    run, internet, crawl = under_way(tmp_path, make_internet, address, inside)
    networks.cut("two")
    status, said = ended(crawl, timeout_s=500)
    assert status == 0, said
    assert "another went on" in said
    assert_whole(run)
    assert most_asked(internet) == 1


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_driver_that_is_cut_off_ends_in_one_line(
    tmp_path: Path, make_internet: MakeInternet, networks: Networks
) -> None:
    """A driver that sees its own node alone gives up; the workers of both sides write what they asked."""
    address = f"{networks.address('head')}:{PORT}"
    inside = networks.inside("one")
    run, internet, crawl = under_way(tmp_path, make_internet, address, inside)
    networks.cut("one")
    status, said = ended(crawl, timeout_s=180)
    assert status == 1
    assert "the head of the Ray cluster has not answered for 60 s" in said.splitlines()[-1]
    goes_on(run, internet)


@pytest.mark.slow
def test_a_ray_of_its_own(
    tmp_path: Path, make_internet: MakeInternet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an address a crawl starts a Ray on this machine, and leaves none behind."""
    pytest.importorskip("ray", reason="Ray is not installed: make ray")
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    run = planned_slow(tmp_path)
    status, said = ended(begun(run, make_internet(*HOSTS), "--engine", "ray", "--workers", 2))
    assert status == 0, said
    assert_whole(run)


@pytest.mark.slow
def test_an_address_where_nobody_answers_is_one_line(tmp_path: Path) -> None:
    """A cluster that cannot be reached ends the crawl with what to look at."""
    pytest.importorskip("ray", reason="Ray is not installed: make ray")
    run = planned(tmp_path, ["http://one.test/"])
    address = ("--engine", "ray", "--address", "127.0.0.1:9")
    done = stillup("crawl", run, *CONTACT, *address)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("stillup: no Ray cluster can be reached at 127.0.0.1:9")
    assert "Traceback" not in done.stderr


def test_without_ray_the_engine_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the extra is missing, that is wrong use in one line."""
    (tmp_path / "lean").mkdir()
    missing = "raise ModuleNotFoundError('no ray here', name='ray')\n"
    (tmp_path / "lean" / "ray.py").write_text(missing, encoding="ascii")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "lean"))
    run = planned(tmp_path, ["http://one.test/"])
    done = stillup("crawl", run, *CONTACT, "--engine", "ray")
    assert done.returncode == 2
    assert done.stderr == "stillup: --engine ray needs Ray: pip install 'stillup[ray]'\n"


def test_an_address_is_for_ray_alone(tmp_path: Path) -> None:
    """The local engine has no cluster to reach."""
    run = planned(tmp_path, ["http://one.test/"])
    done = stillup("crawl", run, *CONTACT, "--address", "auto")
    assert done.returncode == 2
    assert "it needs --engine ray" in done.stderr
