"""Reservations of text and data mining: what headers and files say, and who is asked for a file."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crawler.tdm import Tdm, tdm_at, tdm_of_headers, tdm_rules
from tests.conftest import MakeInternet
from tests.internet import PictureHost
from tests.internet.messages import NOT_FOUND, Answer, Reply, Request, page
from tests.runs import QUICK_POLICY, crawled, finals, planned

FILE = "/.well-known/tdmrep.json"


@pytest.mark.parametrize(
    ("reservation", "policy", "expected"),
    [
        ("1", None, Tdm(is_reserved=True)),
        (" 1 ", "https://a.test/p.json", Tdm(is_reserved=True, policy="https://a.test/p.json")),
        ("0", None, Tdm(is_reserved=False)),
        ("1", "javascript:alert(1)", Tdm(is_reserved=True)),
        ("1", "https://a.test/\x1b[2J", Tdm(is_reserved=True)),
        ("yes", None, None),
        ("", None, None),
        (None, "https://a.test/p.json", None),
    ],
)
def test_tdm_headers(reservation: str | None, policy: str | None, expected: Tdm | None) -> None:
    """tdm-reservation says something by 0 and 1 alone; its policy is a plain address or nothing."""
    assert tdm_of_headers(reservation, policy) == expected


RULES = [
    {"location": "/", "tdm-reservation": 1},
    {"location": "/free/*", "tdm-reservation": 0},
    {"location": "/free/*.png$", "tdm-reservation": 1, "tdm-policy": "https://a.test/p.json"},
    {"location": 7, "tdm-reservation": 1},
    {"location": "/x", "tdm-reservation": "1"},
    "nonsense",
]


@pytest.mark.parametrize(
    ("path", "is_reserved"),
    [("/", True), ("/a.png", True), ("/free/a.jpg", False), ("/free/a.png", True), ("/x", True)],
)
def test_tdm_file(path: str, is_reserved: bool) -> None:
    """Of the rules of tdmrep.json that fit, the longest holds."""
    found = tdm_at(tdm_rules(json.dumps(RULES).encode()), path)
    assert found is not None
    assert found.is_reserved is is_reserved


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[1]", b"[" * 90_000, b"\xff\xfe"])
def test_what_is_no_tdm_file_says_nothing(body: bytes) -> None:
    """A page, a fragment or a bomb under the name of tdmrep.json reserves nothing."""
    assert tdm_rules(body) == ()


def test_a_rule_of_many_stars_is_matched_in_time() -> None:
    """A file that is made to be slow is matched link by link in milliseconds."""
    rules = tdm_rules(
        json.dumps([{"location": "/" + "*a" * 30_000, "tdm-reservation": 1}]).encode()
    )
    for _ in range(100):
        assert tdm_at(rules, "/" + "a" * 500) is None


@dataclass(frozen=True, slots=True)
class Case:
    """What a host says with its pictures and in its files, and what is to be written down of two."""

    headers: tuple[tuple[str, str], ...]
    file: Answer
    expected: tuple[str | None, str | None]
    asks: int = 1  # for the file
    robots: str | None = None
    names: dict[str, Answer] = field(default_factory=dict)


def _file(*rules: object) -> Reply:
    return Reply(headers=(("Content-Type", "application/json"),), body=json.dumps(rules).encode())


def _sent_to(target: str) -> Reply:
    return Reply(status=302, headers=(("Location", target),))


YES, NO = (("tdm-reservation", "1"),), (("TDM-Reservation", "0"),)
POLICY = "https://a.test/terms"
ALL = {"location": "/", "tdm-reservation": 1}
NONE = {"location": "/*", "tdm-reservation": 0}
SECOND = {"location": "/1.jpg$", "tdm-reservation": 1, "tdm-policy": POLICY}
WORD = "tdm-reservation"
CASES = {
    "silent": Case((), _file(ALL), (None, None), asks=0),
    "header": Case(YES, NOT_FOUND, (WORD, WORD)),
    "agrees": Case(YES, _file(ALL), (WORD, WORD)),
    "frees": Case(YES, _file(NONE), (None, None)),
    "reserves": Case(NO, _file(ALL), (WORD, WORD)),
    "by-path": Case(NO, _file(SECOND), (None, f"{WORD} ({POLICY})")),
    "longest": Case(YES, _file(NONE, SECOND), (None, f"{WORD} ({POLICY})")),
    "elsewhere": Case(YES, _file({"location": "/other/", "tdm-reservation": 0}), (WORD, WORD)),
    "odd": Case((("tdm-reservation", "yes"),), _file(ALL), (WORD, WORD)),
    "page": Case(YES, page(200, "Sorry"), (WORD, WORD)),
    "broken": Case(YES, Reply(body=b"["), (WORD, WORD)),
    "huge": Case(YES, Reply(body=b"[" + b" " * 200_000 + b"]"), (WORD, WORD)),
    "busy": Case(YES, page(500, "Later"), (WORD, WORD)),
    "forbidden": Case(
        YES, _file(NONE), (WORD, WORD), asks=0, robots="User-agent: *\nDisallow: /.well-known/\n"
    ),
    "moved": Case(YES, _sent_to("/tdm.json"), (None, None), names={"/tdm.json": _file(NONE)}),
    "looping": Case(YES, _sent_to(FILE), (WORD, WORD), asks=6),
    "inside": Case(YES, _sent_to("http://127.0.0.1:9/tdm.json"), (WORD, WORD)),
    "local": Case(YES, _sent_to("file:///etc/passwd"), (WORD, WORD)),
    "others": Case(
        (*NO, ("X-Robots-Tag", "noai")),
        _file(ALL),
        (f"noai, {WORD}, robots.txt: gptbot",) * 2,
        robots="User-agent: GPTBot\nDisallow: /\n",
    ),
}


class Speaking(PictureHost):
    """A host of a case."""

    def __init__(self, name: str, case: Case) -> None:
        super().__init__(f"{name}.test", pictures=2, robots_text=case.robots)
        self._case = case

    def look(self, request: Request) -> Answer:
        """Serve pictures with the headers of the case, and its files."""
        found = super().look(request)
        if request.path == FILE:
            return self._case.file
        if isinstance(found, Reply) and found is not NOT_FOUND:
            return Reply(headers=(*found.headers, *self._case.headers), body=found.body)
        return self._case.names.get(request.path, found)


def test_cases(tmp_path: Path, make_internet: MakeInternet) -> None:
    """The file goes before the header, is asked for once of whoever speaks of TDM, and of nobody else."""
    hosts = [Speaking(name, case) for name, case in CASES.items()]
    internet = make_internet(*hosts)
    run = crawled(planned(tmp_path, [url for host in hosts for url in host.urls()]), internet)
    said = {row["url"]: row["opt_out"] for row in finals(run).values()}
    asked = Counter(request.host for request in internet.log() if request.target == FILE)
    for name, case in CASES.items():
        found = tuple(said[f"http://{name}.test/{number}.jpg"] for number in (0, 1))
        assert found == case.expected, name
        assert asked[f"{name}.test"] == case.asks, name


@pytest.mark.slow
def test_everybody_is_asked_where_the_policy_says_so(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """With `tdmrep = true` each origin that serves something is asked once; one that serves nothing is not."""
    silent = Speaking("silent", Case((), _file(SECOND), (None, None)))
    empty = PictureHost("empty.test", pictures=0)
    internet = make_internet(silent, empty)
    urls = [*silent.urls(), "http://empty.test/0.jpg"]
    run = crawled(planned(tmp_path, urls), internet, policy=QUICK_POLICY + "tdmrep = true\n")
    said = {row["url"]: row["opt_out"] for row in finals(run).values()}
    assert said == dict(zip(urls, (None, f"{WORD} ({POLICY})", None), strict=True))
    asked = [request.host for request in internet.log() if request.target == FILE]
    assert asked == ["silent.test"]
