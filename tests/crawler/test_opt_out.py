"""What a host says against machines, by cases: the ones that known tools get wrong among them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.opt_out import (
    AI_AGENTS,
    ai_agents_refused,
    opt_out,
    refused_by_header,
    with_file,
)
from crawler.tdm import Tdm
from tests.conftest import MakeInternet
from tests.internet import PictureHost
from tests.internet.host import picture_reply
from tests.internet.messages import Answer, Reply, Request
from tests.runs import crawled, finals, planned

HEADERS = {
    "noai": {"noai"},
    "NOAI": {"noai"},
    " NoImageAI , noai": {"noai", "noimageai"},
    "noindex, max-image-preview:large": {"noindex"},
    "max-image-preview: large, noindex": {"noindex"},
    "none": {"noindex"},
    "all": set(),
    "": set(),
    "noaiming": set(),
    "otherbot: nofollow, noai": set(),
    "otherbot: noindex": set(),
    "noai, otherbot: nofollow": {"noai"},
    "otherbot: nofollow, *: noai": {"noai"},
    "*: noai": {"noai"},
    "stillup: noai": {"noai"},
    "Stillup : noimageai": {"noimageai"},
    "unavailable_after: 25 Jun 2030 15:00:00 PST, noai": {"noai"},
    "unavailable_after: Wed, 25 Jun 2030 15:00:00 GMT, noai": {"noai"},
    "unavailable_after: 2030-06-25T15:00:00+00:00": set(),
    "otherbot: unavailable_after: 25 Jun 2030 15:00:00 PST, noai": set(),
    "max-snippet:-1, max-video-preview:-1, noimageindex": {"noimageindex"},
    "nofollow,noarchive,,noai,": {"noai"},
}


@pytest.mark.parametrize("value", HEADERS)
def test_headers(value: str) -> None:
    """An X-Robots-Tag refuses what it says to us or everybody, and nothing that it says to others."""
    assert set(refused_by_header(value)) == HEADERS[value]


@given(st.lists(st.sampled_from(list(HEADERS))))
def test_several_headers_are_read_one_by_one(values: list[str]) -> None:
    """A bot that one header names does not swallow what the next header says."""
    together = set().union(*(HEADERS[value] for value in values)) if values else set()
    assert opt_out(values) == (", ".join(sorted(together)) or None)


@given(st.text(max_size=300))
def test_any_header_is_survived(value: str) -> None:
    """Whatever a header holds, only known words come out."""
    assert set(refused_by_header(value)) <= {"noai", "noimageai", "noindex", "noimageindex"}


def test_the_file_goes_before_the_header() -> None:
    """Where tdmrep.json speaks of a URL, the header does not count."""
    yes, no = Tdm(is_reserved=True), Tdm(is_reserved=False)
    assert opt_out([], header=yes, file=no) is None
    assert opt_out([], header=no, file=yes) == "tdm-reservation"
    assert opt_out([], header=yes) == "tdm-reservation"


TDM = st.none() | st.builds(
    Tdm, st.booleans(), st.none() | st.sampled_from(["https://a.test/p,q", "https://a.test/robots"])
)


@given(st.lists(st.sampled_from(list(HEADERS))), TDM, TDM, st.sets(st.sampled_from(["a", "b"])))
def test_a_file_that_is_read_later_counts_the_same(
    values: list[str], header: Tdm | None, file: Tdm | None, agents: set[str]
) -> None:
    """What was said before tdmrep.json was read comes to what would have been said with it."""
    ai_agents = tuple(agents)
    before = opt_out(values, header, ai_agents=ai_agents)
    assert with_file(before, file) == opt_out(values, header, file, ai_agents)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("User-agent: GPTBot\nDisallow: /", ("gptbot",)),
        ("User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /", ("ccbot", "gptbot")),
        ("User-agent: GPTBot\nAllow: /a\nUser-agent: other\nDisallow: /", ()),
        ("User-agent: GPTBot\nDisallow: /private", ()),
        ("User-agent: GPTBot\nDisallow:", ()),
        ("User-agent: *\nDisallow: /", ()),
        ("user-agent : gptbot # us\ndisallow : /*", ("gptbot",)),
        ("# User-agent: GPTBot\nDisallow: /", ()),
    ],
)
def test_robots(text: str, expected: tuple[str, ...]) -> None:
    """robots.txt speaks against models where it shuts the whole site to those who gather for them."""
    assert ai_agents_refused(text.split("\n")) == expected


@given(st.text(max_size=300))
def test_any_robots_is_survived(text: str) -> None:
    """Whatever a robots.txt holds, only known names come out."""
    assert set(ai_agents_refused(text.split("\n"))) <= AI_AGENTS


class Refusing(PictureHost):
    """Serves its pictures with two X-Robots-Tag headers, one of them for another bot."""

    def look(self, request: Request) -> Answer:
        """Serve the picture, and say no to machines."""
        found = picture_reply(request)
        said = (("X-Robots-Tag", "otherbot: noindex"), ("x-robots-tag", "NOAI"))
        return Reply(headers=(*found.headers, *said, ("TDM-Reservation", "1")), body=found.body)


def test_a_crawl_writes_it_down(tmp_path: Path, make_internet: MakeInternet) -> None:
    """The observation holds what the answer and the robots.txt of its origin said."""
    host = Refusing("no.test", pictures=1, robots_text="User-agent: GPTBot\nDisallow: /\n")
    run = crawled(planned(tmp_path, host.urls()), make_internet(host))
    [row] = finals(run).values()
    assert row["opt_out"] == "noai, tdm-reservation, robots.txt: gptbot"
