"""Text that would like to be a command: of a terminal, a shell, a database, a sheet, a browser, a path.

It comes in as URLs, captions, names of columns and files, headers, robots.txt and names in DNS, and
goes through the real commands. Whatever is for a person is shown escaped; whatever is for a program
is the text that came in.
"""

import csv
import io
import json
import os
import pty
import re
import subprocess
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.records.shown import LONGEST_LINE, error_line, visible, visible_lines
from crawler.urls import as_text
from tests.conftest import MakeInternet
from tests.internet import Host
from tests.internet.host import picture_reply
from tests.internet.messages import Answer, Reply, Request, plain_text
from tests.runs import ROOT, STILLUP, crawl_arguments, finals, stillup, stillup_here

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow

LONG = "long" * 250_000  # 1 MB
TEXTS = {
    "quotes": 'it\'s "quoted" `twice` \\ once',
    "NUL": "before\x00after",
    "ANSI": "\x1b[2J\x1b[31mred\x1b[0m\x07",
    "C1": "\x9b31m\x9d0;title\x9c",
    "OSC 8": "\x1b]8;;http://evil.example\x1b\\safe.example\x1b]8;;\x1b\\",
    "right to left": "\u202egpj.exe\u202c \u2066isolated\u2069 \u200f\u200e",
    "invisible": "a\u200bb\ufeffc\u00add\U000e0041e\u2028f\u2029g",
    "lone surrogate": "half \ud83d of it",
    "formula": '=HYPERLINK("http://evil.example","click")',
    "plus": "+1+cmd|' /C calc'!A0",
    "at": "@SUM(1+1)",
    "minus": "-2+3",
    "SQL": "'; drop table links; --",
    "comment": "*/ /* $1 {0} %s %(x)s ?",
    "HTML": "</title><script>alert(1)</script><img src=x onerror=alert(1)>",
    "markup": "[red]red[/red] [link=http://evil.example]x[/link] :smile:",
    "path": "../../../../etc/passwd",
    "Windows path": "..\\..\\con\x00.txt",
    "shell": "$(touch pwned); `touch pwned` | touch pwned",
    "lines": "one\ntwo\r\nthree\rfour\x0bfive",
    "long": LONG,
}
FILE_NAME = "'; drop table links; -- \x1b[31m\u202e$(touch pwned) =1+1 [red].jsonl"
COLUMN = 'extra"; drop table links; --\x1b[31m\u202e'
_SEEN = re.compile(r"[A-Za-z0-9=_.\-]+")


def unfit(text: str) -> set[str]:
    """Return the characters of `text` that a terminal must not be given."""
    kinds = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return {sign for sign in set(text) if unicodedata.category(sign) in kinds} - {"\n"}


class HostileHost(Host):
    """Serves pictures, and says whatever it likes around them."""

    def robots(self, request: Request) -> Answer:
        """Say everything, and allow it."""
        text = "\n".join(f"{said[:500]}\n# {said[:500]}" for said in TEXTS.values())
        return plain_text(f"User-agent: *\nAllow: /\n{text}".encode("utf-8", "replace"))

    def look(self, request: Request) -> Answer:
        """Redirect to another host's spelling of the same, or serve the picture."""
        if request.path == "/redirect":
            return Reply(status=302, headers=(("Location", "/\x1b[31m';--<script>..%2f..%2f"),))
        return picture_reply(request)


def urls() -> Iterator[str]:
    """Yield each text as a URL's path, query, user, host and whole."""
    for text in TEXTS.values():
        yield f"http://hostile.test/{text}"
        yield f"http://hostile.test/?{text}#{text}"
        yield f"http://{text[:300]}@hostile.test/user"
        yield f"http://{text[:60]}.hostile.test/host"
        yield text


@pytest.fixture
def hostile_list(tmp_path: Path) -> Path:
    """A list of hostile rows, in a file of a hostile name."""
    texts = list(TEXTS.values())
    rows = [
        {"url": url, "caption": texts[number % len(texts)], COLUMN: texts[-number % len(texts)]}
        for number, url in enumerate(urls())
    ]
    rows += [
        {"url": f"http://{host}/{path}", "caption": host}
        for host in ("hostile.test", "hostile-headers.test", "dns-hostile-alias.test")
        for path in ("picture.jpg", "redirect")
    ]
    listing = tmp_path / "in" / FILE_NAME
    listing.parent.mkdir()
    listing.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return listing


def test_hostile_rows_through_every_command(
    hostile_list: Path, make_internet: MakeInternet, tmp_path: Path
) -> None:
    """Planned, crawled, asked, judged and published: nothing is obeyed, lost, or shown as it is."""
    run = tmp_path / "out" / "run"
    internet = make_internet(HostileHost("hostile.test"), "hostile-headers", "dns-hostile-alias")
    done = [
        stillup("plan", run, hostile_list.parent),
        stillup(*crawl_arguments(run, internet, "--timeout", 3)),
    ]
    queries = ("from links", "from observations", "from dataset_rows", "from hosts", "from meta")
    done += [stillup_here("sql", run, query) for query in queries]
    done += [stillup_here("status", run), stillup_here("verdicts", run)]
    done += [stillup_here("recheck", run, "--as-of", "2100-01-01"), stillup_here("takedowns", run)]
    done += [
        stillup_here("publish", run),
        stillup_here("sql", run, "select * from nowhere\x1b[31m"),
    ]
    assert [command.returncode for command in done] == [0] * (len(done) - 1) + [2]
    assert [unfit(command.stdout + command.stderr) for command in done] == [set()] * len(done)
    rows = hostile_list.read_text(encoding="utf-8").splitlines()
    counted = stillup_here("sql", run, "select count(*) from dataset_rows", "--format", "csv")
    assert int(counted.stdout.split()[1]) == len(rows)
    assert {row["outcome"] for row in finals(run).values()} >= {"ok"}
    _nothing_was_obeyed(tmp_path, run)
    _programs_get_what_came_in(run)


def _nothing_was_obeyed(folder: Path, run: Path) -> None:
    assert not list(folder.rglob("pwned*"))
    assert not (ROOT / "pwned").exists()
    assert {path.name for path in folder.iterdir()} == {"in", "out"}
    assert [path.name for path in (folder / "out").iterdir()] == ["run"]
    assert all(_SEEN.fullmatch(path.name) for path in run.rglob("*"))


def _programs_get_what_came_in(run: Path) -> None:
    query = "select caption, url from links where caption is not null"
    as_json = json.loads(stillup_here("sql", run, query, "--format", "json").stdout)
    written = stillup_here("sql", run, query, "--format", "csv").stdout
    csv.field_size_limit(2**24)
    as_csv = list(csv.DictReader(io.StringIO(written, newline="")))
    captions = {as_text(text) for text in TEXTS.values()}
    assert captions <= {row["caption"] for row in as_json}
    assert {row["caption"] for row in as_csv} == {row["caption"] for row in as_json}
    for form in ("csv", "json"):
        assert stillup_here("verdicts", run, "--format", form).returncode == 0


def test_a_terminal_is_given_nothing_to_obey(hostile_list: Path, tmp_path: Path) -> None:
    """On a terminal CSV and JSON are for a person, so they are shown as a table is."""
    run = tmp_path / "run"
    assert stillup_here("plan", run, hostile_list).returncode == 0
    for form in ("table", "csv", "json"):
        query = "select url, caption, extra from links where length(url) < 1000"
        shown = on_a_terminal("sql", run, query, "--format", form)
        own = re.sub(r"\x1b\[[0-9;]*m", "", shown)  # the colours of our own tables
        assert unfit(own.replace("\r\n", "\n").replace("\t", " ")) == set(), form
        assert ("\\x1b[31m" if form != "json" else "\\u001b[31m") in own


def on_a_terminal(*arguments: object) -> str:
    """Run a command on a terminal of its own, and return what that was given."""
    ours, theirs = pty.openpty()
    command = subprocess.Popen(
        [*STILLUP, *map(str, arguments)], cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65_536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert command.wait(timeout=60) == 0, shown
    return shown.decode()


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", "{folder}/run", "{folder}/{hostile}"),
        ("plan", "{folder}/run", "s3x\x1b[31m://{hostile}"),
        ("crawl", "{folder}/{hostile}", "--contact", "a@b.org"),
        ("crawl", "{folder}/{hostile}", "--contact", "{hostile}"),
        ("status", "{folder}/{hostile}"),
        ("sql", "{folder}/{hostile}", "select 1"),
        ("verdicts", "{folder}/{hostile}"),
        ("recheck", "{folder}/{hostile}"),
        ("recheck", "{folder}", "--as-of", "{hostile}"),
        ("recheck", "{folder}", "--as-of", "0001-01-01T00:00+14:00"),
        ("takedowns", "{folder}/{hostile}"),
        ("publish", "{folder}/{hostile}"),
        ("{hostile}",),
        ("plan", "--{hostile}"),
    ],
    ids=lambda arguments: " ".join(arguments)[:40],
)
def test_errors_are_one_line_without_commands(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """What is wrong is said in one line, in which the hostile name cannot do anything."""
    hostile = "\x1b[31m\u202e\n'; drop\r" + "x" * 100
    done = stillup_here(*(part.format(folder=tmp_path, hostile=hostile) for part in arguments))
    assert done.returncode in (1, 2)
    assert unfit(done.stderr) == set()
    assert len(done.stderr.splitlines()) == 1


def test_a_list_without_urls_is_refused_in_a_short_line(tmp_path: Path) -> None:
    """Column names of a megabyte with escapes in them do not fill the terminal."""
    listing = tmp_path / "list.csv"
    listing.write_text(f'"\x1b[31m{LONG}",b\n1,2\n', encoding="utf-8")
    done = stillup_here("plan", tmp_path / "run", listing)
    assert done.returncode == 2
    assert unfit(done.stderr) == set()
    assert len(done.stderr) < LONGEST_LINE + 100


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_what_is_shown_is_fit_to_be_shown(text: str) -> None:
    """No text acts on a terminal once it is shown, showing it twice changes nothing, and ASCII stays."""
    assert not unfit(visible(text)) - _harmless(text)
    assert "\n" not in visible(text)
    assert visible(visible(text)) == visible(text)
    assert not unfit(visible_lines(text)) - _harmless(text) - {"\t"}
    assert len(error_line(text)) <= LONGEST_LINE * 10
    if text.isascii() and text.isprintable():
        assert visible(text) == text


def _harmless(text: str) -> set[str]:
    """Return the format characters that only join or annotate: scripts need some of them."""
    known = (*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD)
    more = (*range(0x13430, 0x13440), *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B))
    return {sign for sign in text if ord(sign) in {*known, *more}}


@settings(max_examples=8)
@given(st.lists(st.text(alphabet=st.characters(exclude_categories=()), min_size=1), max_size=40))
def test_any_text_comes_back_from_sql_as_it_went_into_a_plan(texts: list[str]) -> None:
    """Caption and URL of any row, whatever they are, are found again; nothing else is."""
    with tempfile.TemporaryDirectory() as folder:
        listing, run = Path(folder) / "list.jsonl", Path(folder) / "run"
        rows = [
            {"url": f"http://a.test/{number}", "caption": text} for number, text in enumerate(texts)
        ]
        rows += [{"url": text, "caption": "odd"} for text in texts]
        lines = [json.dumps(row) for row in [{"url": "http://a.test/", "caption": "first"}, *rows]]
        listing.write_text("\n".join(lines), encoding="utf-8")
        assert stillup_here("plan", run, listing).returncode == 0
        query = (
            "select url, caption from dataset_rows join links using (link_id) order by source_row"
        )
        asked = stillup_here("sql", run, query, "--format", "json")
        found = json.loads(asked.stdout)
        assert len(found) == len(lines)
        assert [row["caption"] for row in found[1 : len(texts) + 1]] == [*map(as_text, texts)]
        assert {row["url"] for row in found[len(texts) + 1 :]} <= {*map(as_text, texts)}
