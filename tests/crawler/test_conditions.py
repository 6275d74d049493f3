"""A later round asks what has changed: with what a server said of a body that we know, and no other."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records import ParsedUrl, ShardLink
from tests.analysis.asking import rows_of
from tests.conftest import MakeInternet
from tests.crawler.test_behaviours import mismatches
from tests.internet import BEHAVIOURS, EXPECTED_UNDER
from tests.runs import crawled, planned, rows, stillup_here

LATER = "2100-01-01"
KNOWN = {name: behaviour for name, behaviour in BEHAVIOURS.items() if behaviour.again}


def recheck_all(run: Path) -> None:
    """Plan a round of every live link."""
    done = stillup_here("recheck", run, "--sample-alive", 1, "--as-of", LATER)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("mode", ["body", pytest.param("head", marks=pytest.mark.slow)])
def test_what_has_not_changed_is_not_sent_again(
    mode: str, make_internet: MakeInternet, tmp_path: Path
) -> None:
    """Each way to say and to heed validators leads to what it must, in the round after the first.

    No conditional request is sent with what is no validator, nor to a URL that did not give it.
    """
    internet = make_internet(*KNOWN)
    wanted = {
        url: expectation
        for behaviour in KNOWN.values()
        for url, expectation in behaviour.later_expectations()
    }
    options = ("--shard", 0, *EXPECTED_UNDER)
    run = crawled(planned(tmp_path, wanted), internet, *options)
    recheck_all(run)
    crawled(run, internet, "--mode", mode, *options)
    seen = {row["url"]: row for row in rows(run) if row["round"] == 2 and row["final"]}
    assert set(seen) == set(wanted)
    assert [m for url, e in wanted.items() for m in mismatches(url, e, seen[url], mode)] == []
    unchanged = [row for row in seen.values() if row["outcome"] == "not_modified"]
    assert {(row["sha256"], row["body_bytes"], row["media_type"]) for row in unchanged} == {
        (None, None, None)
    }


def test_what_a_304_vouches_for(make_internet: MakeInternet, tmp_path: Path) -> None:
    """A link that has not changed is alive, round after round; but not at a host that says so of nonsense."""
    urls = ["http://etag-strong.test/picture.jpg", "http://not-modified-to-all.test/picture.jpg"]
    internet = make_internet("etag-strong", "not-modified-to-all")
    run = crawled(planned(tmp_path, urls), internet, "--shard", 0)
    for _ in range(2):
        recheck_all(run)
        crawled(run, internet, "--shard", 0)
    found = rows_of(
        run, "select verdict, reason, looks from verdicts join links using (link_id) order by host"
    )
    assert found == [
        {"verdict": "alive", "reason": "not_modified", "looks": 3},
        {"verdict": "unknown", "reason": "canary_not_modified", "looks": 3},
    ]
    tags = [request.header("If-None-Match") for request in internet.log() if request.url == urls[0]]
    assert tags == [None, '"5f3-16a"', '"5f3-16a"']


@given(
    st.text(max_size=50) | st.none(),
    st.text(max_size=50) | st.none(),
    st.sampled_from(["http://a.test/", "http://b.test/"]),
)
def test_only_what_is_printable_is_said_back(
    tag: str | None, date: str | None, asked_url: str
) -> None:
    """Whatever a plan says, no header has a line's end or a control character, and no other URL is asked."""
    url = ParsedUrl("http://a.test/", "http", "a.test", 80)
    link = ShardLink(1, url, if_none_match=tag, if_modified_since=date, conditions_url=url.wire_url)
    said = link.conditions(asked_url) or {}
    assert asked_url == url.wire_url or not said
    assert all(text.isascii() and text.isprintable() for text in said.values())
