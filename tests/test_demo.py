"""The demo's parts after the crawl, from end to end, on the planted sites alone."""

from collections import Counter
from pathlib import Path

import pytest

from tests.internet import FakeInternet
from tests.internet.demo.afterwards import look_again
from tests.internet.demo.reported import report_what_leaks
from tests.internet.demo.saying import Stage, stillup
from tests.internet.planted.inputs import write_inputs
from tests.internet.planted.sites import (
    LIST,
    LOOKS_SO,
    NETWORKS,
    Planted,
    complied,
    leaking,
    planted_hosts,
    planted_sites,
    registry,
)
from tests.runs import QUICK_POLICY, ask


@pytest.mark.slow
def test_the_demo_finds_reports_and_follows_the_planted_sites(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What leaks is reported to whom it should be, and what became of it is what the operators did."""
    run = tmp_path / "run"
    with FakeInternet(planted_hosts()) as internet:
        addresses = internet.place.addresses
        internet.change(registry(addresses))
        inputs = write_inputs(tmp_path, addresses)
        monkeypatch.setenv("XDG_CACHE_HOME", str(inputs.cache))
        policy = tmp_path / "policy.toml"
        policy.write_text(QUICK_POLICY, encoding="utf-8")
        contact = ("--contact", "https://example.org/test")
        stage = Stage(str(run), internet, inputs, ("--policy", str(policy), *contact))
        stillup("plan", stage.run, str(LIST))
        stage.crawl()
        report_what_leaks(stage)
        look_again(stage)
    sites = planted_sites()
    assert ask(run, "select count(distinct link_id) from matches") == [(6,)]
    assert set(ask(run, "select place from reports")) == {(one.name,) for one in leaking(sites)}
    assert ask(run, "select place from reviews where decision = 'dismiss'") == [(LOOKS_SO,)]
    sent = dict(ask(run, "select place, sent_to from reports"))
    assert sent["kyc-harbour.test"] == ["privacy@kyc-harbour.test", "abuse@harbour-hosting.example"]
    assert sent["skin-diary.test"] == ["abuse@skin-diary.test"]
    assert len(list((run / "reports").glob("*.html"))) == len(sent)
    became_of_them(run, sites)


def became_of_them(run: Path, sites: list[Planted]) -> None:
    """Hold `takedowns` against what the operators did, and each site against its network."""
    became = "select place, any_value(state), any_value(provider) from takedowns group by place"
    states = {place: (state, provider) for place, state, provider in ask(run, became)}
    quick, slow = complied(sites)
    first, *others = [name for host in (*quick, *slow) for name in host.names]
    assert {place for place, (state, _) in states.items() if state == "back"} == {first}
    assert {place for place, (state, _) in states.items() if state == "gone"} == set(others)
    assert {state for state, _ in states.values()} == {"back", "gone", "up"}
    carried = Counter(provider for _, provider in states.values())
    assert carried == {network.name: 4 for network in NETWORKS}
    days = ask(run, "select distinct round(days, 1) from takedowns where state = 'gone' order by 1")
    assert days == [(1.0,), (3.0,)]
