"""`stillup contacts` as a person runs it: a crawl on the fake internet, and whom to write to."""

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.analysis.asking import rows_of
from tests.analysis.runs import acted, crawl, link, look, plan, review
from tests.crawler.contacts.servers import (
    Registry,
    Site,
    rdap_reply,
    recorded_for,
    security,
    services,
)
from tests.internet import Cut, FakeInternet
from tests.runs import begun, crawled, planned, stillup_here

CARD = [
    "vcard",
    [["version", {}, "text", "4.0"], ["email", {}, "text", "network-desk@carrier.test"]],
]
NETWORK = recorded_for(
    "ip-13.64.0.0",
    startAddress="127.0.0.0",
    endAddress="127.255.255.255",
    entities=[{"roles": ["abuse"], "vcardArray": CARD}],
)
LEAK = Site("leak.test", security("Contact: mailto:privacy@leak.test"))
IMG = Site("img.leak.test")


class AnyAddress(Registry):
    """Answers the same about whatever address of loopback it is asked."""

    def look(self, request: Any) -> Any:
        """Answer about addresses."""
        if request.path.startswith("/rdap/ip/127."):
            return rdap_reply(NETWORK)
        return super().look(request)


REGISTRY = AnyAddress(
    "rdap.test",
    {
        "domain/leak.test": rdap_reply(
            recorded_for("domain-google.com", ldhName="LEAK.TEST", links=[])
        )
    },
)


@pytest.fixture(scope="module")
def internet() -> Iterator[FakeInternet]:
    """One fake internet for all tests of this file."""
    with FakeInternet([LEAK, IMG, Site("other.test"), REGISTRY]) as shared:
        yield shared


@pytest.fixture(scope="module")
def run(internet: FakeInternet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a crawled run of two domains."""
    folder = tmp_path_factory.mktemp("contacts")
    urls = [*IMG.urls()[:2], *LEAK.urls()[:1], "http://other.test/0.jpg"]
    return crawled(planned(folder, urls), internet, "--no-fingerprint")


@pytest.fixture
def bootstrap(tmp_path: Path) -> Path:
    """Return a bootstrap file that leads to the registry of these tests."""
    file = tmp_path / "bootstrap.json"
    file.write_text(services(rdap_test=["test", "127.0.0.0/8"]), encoding="utf-8")
    return file


def asking(internet: FakeInternet, bootstrap: Path) -> list[object]:
    """Return the options of somebody who may ask on the fake internet."""
    contact = ("--contact", "https://example.org/us")
    return [*contact, "--rdap-bootstrap", bootstrap, *internet.flags()]


def table(run: Path, columns: str = "*") -> list[dict[str, Any]]:
    """Return the rows of `contacts`, in the order in which one writes."""
    return rows_of(run, f"select {columns} from contacts order by registered_domain, host, rank")


def test_whom_to_write_to(internet: FakeInternet, run: Path, bootstrap: Path) -> None:
    """Every host of a domain gets its addresses in order, each with its source and date; once a day."""
    done = stillup_here("contacts", run, "--domain", "leak.test", *asking(internet, bootstrap))
    assert done.returncode == 0, done.stderr
    ours = [
        ("privacy@leak.test", "domain", "security.txt", "leak.test"),
        ("network-desk@carrier.test", "network", "rdap", "127.0.0.0-127.255.255.255"),
        ("abusecomplaints@markmonitor.com", "registrar", "rdap", "MarkMonitor Inc."),
        ("abuse@leak.test", "convention", "abuse@", "leak.test"),
    ]
    rows = table(run)
    for host in ("img.leak.test", "leak.test"):
        of_host = [row for row in rows if row["host"] == host]
        told = [(row["address"], row["scope"], row["source"], row["subject"]) for row in of_host]
        assert told == ours
        assert [row["rank"] for row in of_host] == [1, 2, 3, 4]
    assert {row["registered_domain"] for row in rows} == {"leak.test"}
    shown = done.stdout
    assert "img.leak.test, of leak.test" in shown
    assert "in no range of the table of networks" in shown  # loopback is nobody's
    assert shown.index("privacy@leak.test") < shown.index("network-desk@carrier.test")
    assert "security.txt of leak.test, 20" in shown
    before, segments = len(internet.log()), list((run / "contacts").iterdir())
    again = stillup_here("contacts", run, "--domain", "leak.test", *asking(internet, bootstrap))
    assert again.stdout == shown
    assert len(internet.log()) == before
    assert list((run / "contacts").iterdir()) == segments
    agents = {one.header("user-agent") for one in internet.log() if one.host == "rdap.test"}
    [agent] = agents
    assert agent is not None
    assert agent.startswith("stillup/")
    assert "(+https://example.org/us)" in agent


def test_offline(internet: FakeInternet, run: Path) -> None:
    """With --offline nobody is asked, and what is known or convention is printed."""
    before = len(internet.log())
    done = stillup_here("contacts", run, "--offline", "--domain", "Other.Test.")
    assert done.returncode == 0, done.stderr
    assert "abuse@other.test" in done.stdout
    assert len(internet.log()) == before


def test_wrong_use(run: Path, internet: FakeInternet, bootstrap: Path, tmp_path: Path) -> None:
    """Nobody is asked without a contact, and a name that serves nothing is said to."""
    nobody = stillup_here("contacts", run, "--domain", "leak.test")
    assert nobody.returncode == 2
    assert "--contact" in nobody.stderr
    nothing = stillup_here("contacts", run, "--domain", "none.test\x1b[2J", "--offline")
    assert nothing.returncode == 1
    assert "\x1b" not in nothing.stderr
    assert "serves no live link" in nothing.stderr
    torn = tmp_path / "torn.json"
    for text in ("{", "[]", '{"services": 5}'):
        torn.write_text(text)
        refused = stillup_here(
            "contacts",
            run,
            "--domain",
            "leak.test",
            "--contact",
            "a@b.test",
            "--rdap-bootstrap",
            torn,
        )
        assert refused.returncode == 2
        assert "is no RDAP bootstrap file" in refused.stderr
    none = stillup_here("contacts", tmp_path, "--offline")
    assert none.returncode == 1
    assert none.stderr.count("\n") == 1


def test_without_a_network(tmp_path: Path, bootstrap: Path) -> None:
    """Where nobody answers, abuse@ is printed, and the run fails in a line that says what to do."""
    run = plan(tmp_path / "run", [link(1, "a.test")], FACTS)
    crawl(
        run,
        [
            look(
                1,
                host="a.test",
                registered_domain="a.test",
                ip="127.0.0.9",
                sha256=bytes(32),
                body_bytes=5,
            )
        ],
    )
    closed = ("--nameserver", "127.0.0.1:9", "--allow-network", "127.0.0.0/8")
    done = stillup_here(
        "contacts", run, "--domain", "a.test", "--rdap-bootstrap", bootstrap, *closed
    )
    assert done.returncode == 1
    assert "nobody answered" in done.stderr
    assert "abuse@a.test" in done.stdout


def test_ctrl_c_keeps_what_was_answered(
    internet: FakeInternet, run: Path, bootstrap: Path, tmp_path: Path
) -> None:
    """What was answered before an interrupt is kept, and only the rest is asked again."""
    mine = Path(shutil.copytree(run, tmp_path / "run"))
    shutil.rmtree(mine / "contacts", ignore_errors=True)
    arguments = ["contacts", mine, "--domain", "leak.test", *asking(internet, bootstrap)]
    internet.unplug(Cut.ANSWERS, suffixes=("rdap.test",))
    before = len(internet.log())
    asked = begun(*arguments, stderr=subprocess.PIPE)
    while not _security_txt_of("leak.test", internet, before):
        assert asked.poll() is None, asked.communicate()[1]
        time.sleep(0.02)
    time.sleep(0.5)
    asked.send_signal(signal.SIGINT)
    said = asked.communicate(timeout=30)[1]
    internet.plug_in()
    assert (asked.returncode, "stopped; what was answered is kept" in said) == (1, True), said
    assert "privacy@leak.test" in {row["address"] for row in table(mine)}
    before = len(internet.log())
    assert stillup_here(*arguments).returncode == 0
    assert not _security_txt_of("leak.test", internet, before)
    assert "network-desk@carrier.test" in {row["address"] for row in table(mine)}


def _security_txt_of(host: str, internet: FakeInternet, since: int) -> bool:
    asked = internet.log()[since:]
    return any(one.host == host and one.target.endswith("security.txt") for one in asked)


def test_what_a_review_has_confirmed(run: Path) -> None:
    """Without --domain it is about what is confirmed; where nobody has reviewed, it says so."""
    done = stillup_here("contacts", run, "--offline")
    assert done.returncode == 1
    assert "no finding is confirmed yet" in done.stderr
    acted(run, review("other.test"), review("leak.test", "dismiss"))
    done = stillup_here("contacts", run, "--offline")
    assert done.returncode == 0, done.stderr
    assert "abuse@other.test" in done.stdout
    assert "leak.test" not in done.stdout


FACTS = """
planned_at = 2026-03-01T12:00:00Z
suffix_list_version = "x"

[options]
sources = ["list.txt"]

[totals]
files = 1
dataset_rows = 1
dataset_links = 1
rows = 1
links = 1
invalid_links = 0
hosts = 1
origins = 1
registered_domains = 1

[[shards]]
shard = 0
links = 1
"""
