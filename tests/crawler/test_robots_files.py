"""Other people's robots.txt suites, real files, and files that are made to hurt."""

import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from crawler.robots import PRODUCT_TOKEN, ROBOTS_BYTES, RobotsAnswer, parse_robots

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow

VECTORS = Path(__file__).parent / "vectors" / "robots"
GOOGLE = json.loads((VECTORS / "google-robots-test.json").read_text(encoding="utf-8"))
URLS = (
    "http://a.test/",
    "http://a.test/images/a.jpg",
    "http://a.test/wp-content/uploads/2015/01/a.jpg?w=1",
    "http://a.test/%E9t%C3%A9/",
    "http://a.test/cgi-bin/x?y=/z",
)

# Where we differ from Google's matcher, and why (decision 0035).
DIFFERENT = {
    # An unknown line ends a run of user-agent lines for Protego; RFC 9309 does not say.
    ("ID_LineSyntax_Groups_OtherRules", "http://foo.bar/"),
    # Google's own agent may not have a blank in it; we have one name.
    ("GoogleOnly_AcceptUserAgentUpToFirstSpace", "http://foo.bar/x/y"),
    # A URL that is not percent-encoded never leaves us.
    ("ID_Encoding", "http://foo.bar/foo/bar/ツ"),
    # RFC 9309, 2.2.2: an escaped ASCII letter is that letter.
    ("ID_Encoding", "http://foo.bar/foo/bar/baz"),
}


def for_us(text: str, agent: str) -> str:
    """Rename Google's crawler to ours in the user-agent lines, in its mixture of cases."""

    def renamed(line: re.Match[str]) -> str:
        return line[1] + re.sub(re.escape(agent), _alike, line[2], flags=re.IGNORECASE)

    return re.sub(r"(?im)^(user-agent[: ])(.*)$", renamed, text) if agent else text


def _alike(name: re.Match[str]) -> str:
    spellings = {name[0].upper(): "STILLUP", name[0].lower(): "stillup"}
    return spellings.get(name[0], "StillUp")


def is_different(case: list[Any]) -> bool:
    """Tell whether we differ from Google in a case."""
    return (case[0], case[3]) in DIFFERENT


HELD = [case for case in GOOGLE if case[2] and case[3] and not is_different(case)]


@pytest.mark.parametrize("case", HELD, ids=lambda case: f"{case[0]}-{case[3]}")
def test_googles_cases(case: list[Any]) -> None:
    """What Google's parser allows its crawler, we allow ourselves, and nothing else."""
    _, text, agent, url, allowed = case
    assert parse_robots(for_us(text, agent).encode()).allows(url) is allowed


def test_the_differences_are_few() -> None:
    """All of Google's cases are there, and nearly all of them are held."""
    assert len(GOOGLE) == 140
    assert len(HELD) >= 127


def real_files() -> Iterator[tuple[str, bytes]]:
    """Yield name and content of Protego's 4,231 real files."""
    with tarfile.open(VECTORS / "protego-test-data.tar.xz") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            if file is not None:
                yield member.name, file.read()


def _hold(files: Iterator[tuple[str, bytes]]) -> int:
    count = 0
    for name, content in files:
        count += 1
        robots = parse_robots(content)
        assert robots.answer is RobotsAnswer.PARSED
        plain = Protego.parse(content.decode("utf-8-sig", "replace")) if count % 5 == 0 else None
        for url in URLS:
            allowed = robots.allows(url)
            assert plain is None or allowed == plain.can_fetch(url, PRODUCT_TOKEN), (name, url)
        assert robots.crawl_delay_s is None or robots.crawl_delay_s >= 0
    return count


@pytest.mark.slow
def test_every_real_file_is_read() -> None:
    """4,231 real files, from the largest hosts there are, are read without an exception."""
    assert _hold(real_files()) == 4231


def test_real_files_are_read() -> None:
    """A sample of the real files is read, and a fifth of it as Protego alone would read it."""
    assert _hold(file for n, file in enumerate(real_files()) if n % 8 == 0) == 529


AGENTS = st.sampled_from(
    ["*", "stillup", "StillUp/2.0", "other", "Googlebot", "stillup bot", "bot*"]
)
LINES = st.one_of(
    AGENTS.map("User-agent: {}".format),
    AGENTS.map("user agent {}".format),
    st.sampled_from(["Disallow: /a", "Allow: /a/b", "Disallow:", "Disallow: /*b$", "Allow: /"]),
    st.sampled_from(["# note", "", "junk", "Sitemap: http://a.test/s", "Crawl-delay: 3", "X: y"]),
)


@given(st.lists(LINES, max_size=12))
def test_leaving_out_the_groups_of_others_changes_nothing(lines: list[str]) -> None:
    """What Protego says of a whole file, it says of the part of it that is for us."""
    agents = {"StillUp/2.0": "stillup", "stillup bot": "stillup", "bot*": "bot"}
    whole = "\n".join(lines)
    for spelling, plain in agents.items():  # where RFC 9309 and Protego read a name differently
        whole = whole.replace(spelling, plain)
    ours, protego = parse_robots("\r\n".join(lines).encode()), Protego.parse(whole)
    for path in ("/", "/a", "/a/b", "/ab", "/c"):
        url = f"http://a.test{path}"
        assert ours.allows(url) == protego.can_fetch(url, PRODUCT_TOKEN)
    assert ours.crawl_delay_s == protego.crawl_delay(PRODUCT_TOKEN)


def _rules(line: str) -> bytes:
    text = "".join(line % number for number in range(ROBOTS_BYTES // len(line % 10_000)))
    return b"User-agent: *\n" + text.encode()


@pytest.mark.parametrize(
    "body",
    [
        b"".join(b"User-agent: %d\n" % n for n in range(10_000)) + _rules("Allow:/%d\n")[:100_000],
        b"User-agent: *\nDisallow: /" + b"a*" * 200_000 + b"b\n",
        b"User-agent: *\n" + (b"Disallow: /" + b"*a" * 4_000 + b"b$\n") * 60,
        b"User-agent: *\nDisallow: /" + b"x" * 500 * 1024,
        b"a\n" * 250_000,
        bytes(500_000),
    ],
    ids=["agents times rules", "one long wildcard", "many wildcards", "one line", "lines", "NUL"],
)
def test_files_that_are_made_to_hurt_are_read(body: bytes) -> None:
    """No file takes more than its length: ten thousand agents for ten thousand rules do not multiply.

    They took Protego alone more than a minute; the suite's own time limit would notice.
    """
    for url in (f"http://a.test/{'a' * 8_000}", "http://a.test/"):
        assert parse_robots(body).allows(url) in (True, False)


@pytest.mark.parametrize(
    ("lines", "delay_s"),
    [
        ("Crawl-delay: nan", None),
        ("Crawl-delay: inf", None),
        ("Crawl-delay: -1", None),
        ("Crawl-delay: 1e400", None),
        ("Crawl-delay: soon", None),
        ("Crawl-delay: 1e9", 1e9),  # what it is worth is the policy's to say
        (f"Request-rate: 1/{10**400}", 1e9),
        (f"Request-rate: {10**400}/1", 1e-9),
        ("Request-rate: 0/0", None),
    ],
)
def test_delays_that_no_clock_can_keep(lines: str, delay_s: float | None) -> None:
    """A delay is a number of seconds or none, however it is written."""
    assert parse_robots(f"User-agent: *\n{lines}".encode()).crawl_delay_s == delay_s


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_codings_and_line_ends(coding: str, ends: str) -> None:
    """UTF-8, with a mark or without, and what is meant as UTF-16; lines end as RFC 9309 lets them."""
    text = f"User-agent: stillup{ends}Disallow: /private{ends}"
    robots = parse_robots(text.encode(coding))
    assert not robots.allows("http://a.test/private/a.jpg")
    assert robots.allows("http://a.test/public/a.jpg")


def test_latin_1_paths_are_bytes() -> None:
    """A path that is not UTF-8 is compared byte by byte with what a URL escapes."""
    robots = parse_robots("User-agent: *\nDisallow: /caf\xe9/".encode("latin-1"))
    assert not robots.allows("http://a.test/caf%E9/a.jpg")
    assert robots.allows("http://a.test/cafe/a.jpg")


def test_a_rule_that_is_cut_is_no_rule() -> None:
    """The end of what is read may be in the middle of a rule; its first half would mean another."""
    padding = b"#" * (ROBOTS_BYTES - 40)
    body = b"User-agent: *\n" + padding + b"\nDisallow: /private/and/more"
    assert parse_robots(body[:ROBOTS_BYTES]).allows("http://a.test/private")
    assert parse_robots(body[:ROBOTS_BYTES]).allows("http://a.test/")
