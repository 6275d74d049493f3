"""Crawls by way of several name servers, of which some lie or die: what becomes of links, and who was asked."""

import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import MakeInternet
from tests.internet import FakeInternet, PictureHost
from tests.internet.odd_dns import Manner, OddNameServer, flags
from tests.runs import QUICK_POLICY, begun, finals, planned

HOSTS, AT_A_TIME = 24, 4
POLICY = f"{QUICK_POLICY}hosts_at_a_time = {AT_A_TIME}\n"
LOST = [f"http://lost.l{n}.test/0.jpg" for n in range(4)]


def _hosts() -> list[PictureHost]:
    return [PictureHost(f"h{n}.n{n}.test", pictures=2) for n in range(HOSTS)]


def _true() -> dict[str, str]:
    found = {url: "ok" for host in _hosts() for url in host.urls()}
    return found | dict.fromkeys(LOST, "dns_not_found")


def _crawl(run: Path, internet: FakeInternet, servers: Sequence[OddNameServer]) -> list[object]:
    policy = run / "policy.toml"
    policy.write_text(POLICY, encoding="utf-8")
    where = flags(internet.flags(), servers)
    told = ("--policy", str(policy), "--contact", "https://example.org/test", "--shard", "0")
    return ["crawl", run, *told, *where]


def _ended(crawl: "subprocess.Popen[str]") -> str:
    printed, _ = crawl.communicate(timeout=120)
    assert crawl.returncode == 0, printed
    return printed


def _started(arguments: list[object]) -> "subprocess.Popen[str]":
    return begun(*arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def _outcomes(run: Path) -> dict[str, str]:
    return {url: row["outcome"] for url, row in finals(run).items()}


def test_a_crawl_with_a_server_that_lies_ends_as_without(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """The first server denies all names: every outcome is true, each name is asked for once, ahead."""
    internet = make_internet(*_hosts())
    # A name that is lost makes the crawl doubt itself, and ask for another one anew.
    found = {url: outcome for url, outcome in _true().items() if outcome == "ok"}
    run = planned(tmp_path, list(found))
    addresses = internet.place.addresses
    with OddNameServer(addresses, Manner.DENIES) as lying, OddNameServer(addresses) as honest:
        printed = _ended(_started(_crawl(run, internet, (lying, honest))))
    assert _outcomes(run) == found
    assert f"name server {lying.text} denies names that others find" in printed
    asked = Counter((one.name, one.qtype) for one in honest.lookups())
    assert asked == {(host.names[0], kind): 1 for host in _hosts() for kind in ("A", "AAAA")}
    first_asked: dict[str, float] = {}
    for request in internet.log():
        first_asked.setdefault(request.host, request.monotonic_s)
    begun_at = sorted(first_asked.values())[2 * AT_A_TIME]
    ahead = [one for one in honest.lookups() if one.monotonic_s < begun_at and one.qtype == "A"]
    assert len(ahead) > 4 * AT_A_TIME


@pytest.mark.slow
@pytest.mark.parametrize("manner", [Manner.SILENT, Manner.FAILS, Manner.DENIES, Manner.GARBAGE])
def test_a_server_that_goes_bad_in_the_middle_changes_nothing(
    tmp_path: Path, make_internet: MakeInternet, manner: Manner
) -> None:
    """Whatever the first server does from some time on, every link ends as it is in truth."""
    internet = make_internet(*_hosts())
    run = planned(tmp_path, list(_true()))
    addresses = internet.place.addresses
    with OddNameServer(addresses, delay_s=0.2) as first, OddNameServer(addresses) as second:
        crawl = _started(_crawl(run, internet, (first, second)))
        while len(first.names()) < 4:
            assert crawl.poll() is None
            time.sleep(0.01)
        first.manner = manner
        _ended(crawl)
    assert _outcomes(run) == _true()


@pytest.mark.slow
def test_when_all_servers_die_and_come_back_no_host_is_blamed(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """Both are silent for a while: the crawl waits, says so, and ends as without."""
    internet = make_internet(*_hosts())
    run = planned(tmp_path, list(_true()))
    addresses = internet.place.addresses
    with OddNameServer(addresses, delay_s=0.2) as first, OddNameServer(addresses) as second:
        crawl = _started(_crawl(run, internet, (first, second)))
        while not internet.log():
            assert crawl.poll() is None
            time.sleep(0.01)
        first.manner = second.manner = Manner.SILENT
        time.sleep(9)
        first.manner = second.manner = Manner.HONEST
        _ended(crawl)
    assert _outcomes(run) == _true()
    assert not any(row["suspect"] for row in finals(run).values())
