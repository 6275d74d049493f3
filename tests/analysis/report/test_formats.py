"""Every format of a report, whatever strangers wrote into it."""

import csv
import email
import email.policy
import io
import json
import re
from dataclasses import replace
from email.message import EmailMessage
from functools import cache, cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from analysis.report.formats import FORMATS
from analysis.report.formats.mail import MOST_BYTES
from analysis.report.formats.xarf import uri
from analysis.report.model import Capacity, Concern, Ground, HostAddress, Report, Sender
from analysis.report.words import LANGUAGES, WORDING, _labels
from crawler.records.shown import visible
from tests.analysis.report.reports import (
    a_reminder,
    a_report,
    hostile_reports,
    reported_link,
    shown,
)
from tests.analysis.runs import START

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

XARF = Path(__file__).parent / "xarf"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """A page taken apart: its elements, its text, and whether they close as they open."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.feed(content.decode("utf-8"))
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.said.append(data)

    @cached_property
    def text(self) -> str:
        """All that is read of the page."""
        return "".join(self.said)


def page_of(report: Report) -> Page:
    return Page(FORMATS["html"](shown(report))[".html"])


def opened(content: bytes) -> EmailMessage:
    """Return a mail as Python's parser reads it, without a defect."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    for part in message.walk():
        assert not part.defects
    return message


@cache
def schema() -> "Draft202012Validator":
    """Return what checks `content/exposed_data`, its formats too."""
    from jsonschema import Draft202012Validator, FormatChecker  # seconds: it compiles grammars
    from referencing import Registry, Resource

    found = [json.loads(path.read_text()) for path in sorted(XARF.rglob("*.json"))]
    registry = Registry().with_resources(
        [(one["$id"], Resource.from_contents(one)) for one in found]
    )
    [wanted] = [one for one in found if one["$id"].endswith("content-exposed-data.json")]
    return Draft202012Validator(wanted, registry=registry, format_checker=FormatChecker())


@given(hostile_reports())
@settings(max_examples=25)
def test_a_page_holds_nothing_that_acts(report: Report) -> None:
    """No script, picture, link, handler or hidden character of a stranger is on a page."""
    content = FORMATS["html"](shown(report))[".html"]
    page = Page(content)
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "a", "iframe", "object", "form", "link", "base", "svg"}
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "href")]
    assert visible(content.decode().replace("\n", "")) == content.decode().replace("\n", "")
    assert visible(report.links[0].url) in page.text


@given(hostile_reports())
@settings(max_examples=25)
def test_mails_hold_what_was_meant(report: Report) -> None:
    """A mail goes to the recipients alone, its text comes first, and its attachments are named."""
    for form, ending in (("eml", ".eml"), ("xarf", ".xarf.eml")):
        message = opened(FORMATS[form](shown(report))[ending])
        assert str(message["To"]) == "abuse@leak.test"
        assert "ann@example.org" in str(message["From"])
        assert not {"Bcc", "Cc", "Disposition-Notification-To"} & set(message.keys())
        first, *attached = message.iter_parts()
        assert first.get_content_type() == "text/plain"
        assert report.number in first.get_content()
        assert all(part.get_content_disposition() == "attachment" for part in attached)
        assert all(part.get_filename() for part in attached)


@given(hostile_reports())
@settings(max_examples=25)
def test_a_sheet_holds_no_formula(report: Report) -> None:
    """No cell of a CSV begins as a formula, and each row is one link."""
    text = FORMATS["csv"](shown(report))[".csv"].decode()
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    assert len(rows) == len(report.links)
    assert all(len(row) == len(head) for row in rows)
    assert not [cell for row in rows for cell in row if cell.startswith(FORMULA)]


@given(hostile_reports())
@settings(max_examples=25)
def test_xarf_is_valid(report: Report) -> None:
    """XARF of any report is what the schemas of XARF 4.2 say, formats of URLs and dates too."""
    found = json.loads(FORMATS["xarf"](shown(report))[".xarf.json"])
    assert [error.message for error in schema().iter_errors(found)] == []


def test_the_schema_tells_wrong_from_right() -> None:
    """The check above is one: a wrong URL, date, domain or type is found."""
    found = json.loads(FORMATS["xarf"](shown(a_report()))[".xarf.json"])
    for wrong in (
        {"url": "http://a b/"},
        {"timestamp": "today"},
        {"domain": "xn--a.b"},
        {"type": "x"},
    ):
        assert list(schema().iter_errors(found | wrong))


def test_xarf_says_whose_it_is() -> None:
    """The source is the address that answered; its network is named where it is known."""
    host = HostAddress(
        host="leak.test", ip="192.0.2.1", first_at=START, last_at=START, looks=1, asn=64500,
        organisation="Example Hosting", kind="hosting",
    )  # fmt: skip
    found = json.loads(FORMATS["xarf"](shown(a_report(hosts=(host,))))[".xarf.json"])
    assert (found["source_identifier"], found["domain"]) == ("192.0.2.1", "leak.test")
    assert (found["asn"], found["hosting_provider"]) == (64500, "Example Hosting")
    assert found["data_types"] == ["personal_information", "medical"]
    assert found["source_port"] == 80


def test_xarf_says_how_certain_it_is_without_a_figure() -> None:
    """No `confidence`, which readers take for 0 to 1 or for 0 to 100; each certainty is a tag."""
    links = (reported_link(1), reported_link(2, concerns=(Concern.LISTED_EXACT,)))
    found = json.loads(FORMATS["xarf"](shown(a_report(links=links)))[".xarf.json"])
    assert "confidence" not in found
    assert found["tags"] == [
        "stillup:report", "ground:dsa16", "certainty:certain", "certainty:indication"
    ]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_host_that_is_not_the_only_one_says_so(language: str) -> None:
    """A delivery network, shared hosting and object storage are told on page and mail, and to XARF."""
    host = HostAddress(host="leak.test", ip="192.0.2.1", first_at=START, last_at=START, looks=1)
    plain = page_of(a_report(hosts=(host,), language=language)).text
    for kind in ("cdn", "shared_hosting", "object_storage"):
        report = a_report(hosts=(replace(host, kind=kind, provider="Store"),), language=language)
        said = shown(report).note_on(report.hosts[0])
        assert said
        assert said not in plain
        assert said in page_of(report).text
        letter = opened(FORMATS["eml"](shown(report))[".eml"]).get_body()
        assert letter is not None
        assert said in letter.get_content()
        found = json.loads(FORMATS["xarf"](shown(report))[".xarf.json"])
        assert found["exposure_method"] == (
            "cloud_storage" if kind == "object_storage" else "other"
        )


def test_the_mail_of_xarf_is_x_arf() -> None:
    """The mail that carries XARF says so in its header and attaches xarf.json."""
    message = opened(FORMATS["xarf"](shown(a_report()))[".xarf.eml"])
    assert message["X-XARF"] == "PLAIN"
    [attached] = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == (
        "xarf.json",
        "application/json",
    )
    assert json.loads(attached.get_content())["type"] == "exposed_data"


def test_a_uri_is_spelled_as_rfc_3986_says() -> None:
    """What the URL standard leaves in a URL and RFC 3986 does not is percent-encoded, nothing else."""
    assert uri("http://[2001:db8::1]:8080/a[1]|{x}^`%zz%41?q='") == (
        "http://[2001:db8::1]:8080/a%5B1%5D%7C%7Bx%7D%5E%60%25zz%41?q='"
    )


def test_the_first_screen_answers_the_desk() -> None:
    """Address and time, one URL with a check, and the rule stand before everything else."""
    text = page_of(a_report()).text
    answers = text.partition("What is asked")[0]
    for wanted in (
        "192.0.2.1",
        "2026-03-01 12:00:00 UTC to 2026-03-04 12:00:00 UTC",
        "curl -sSL --compressed -- http://leak.test/patients/1.jpg | sha256sum",
        f"{1:064x}",
        "Article 16 Digital Services Act",
        "ann@example.org",
    ):
        assert wanted in answers


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ground", Ground)
def test_every_ground_has_its_fields_in_every_language(language: str, ground: Ground) -> None:
    """Whatever the language, a report has its URLs, its sender, its number, and every word of its rule."""
    sender = Sender(name="Ann Roe", mail="ann@example.org", capacity=Capacity.AFFECTED)
    report = a_report(language=language, ground=ground, sender=sender)
    page = page_of(report)
    letter = opened(FORMATS["eml"](shown(report))[".eml"]).get_body()
    assert letter is not None
    law = {
        Ground.GDPR17: ("2016/679", "17", "12(", "19")
        if language == "en"
        else ("2016/679", "17", "19"),
        Ground.DSA16: ("2022/2065", "16"),
        Ground.TAKEITDOWN: ("119-12", "48", "/s/ Ann Roe"),
        Ground.TERMS: (),
    }[ground]
    for text in (page.text, letter.get_content()):
        for wanted in ("http://leak.test/patients/2.jpg", "Ann Roe", "ann@example.org", *law):
            assert wanted in text
        assert report.number in text
        assert "{{" not in text
    assert ("html", {"lang": language}) in page.elements


def test_languages_have_the_same_words() -> None:
    """No language lacks a word or a text that another one has."""

    def keys(found: dict[str, object], before: str = "") -> set[str]:
        return set().union(
            *(
                keys(value, f"{before}{key}.") if isinstance(value, dict) else {f"{before}{key}"}
                for key, value in found.items()
            )
        )

    assert len({frozenset(keys(_labels(one))) for one in LANGUAGES}) == 1
    assert len({frozenset(at.name for at in (WORDING / one).iterdir()) for one in LANGUAGES}) == 1
    assert set(LANGUAGES) == {"en", "de", "fr", "es"}


def test_a_reminder_names_the_first_report() -> None:
    """A reminder says which report it reminds of and when that was, and answers it in the mailbox."""
    report = a_reminder()
    assert "SU-00000-00001" in page_of(report).text
    message = opened(FORMATS["eml"](shown(report))[".eml"])
    assert "SU-00000-00001" in str(message["Subject"])
    assert message["In-Reply-To"] == "<SU-00000-00001.mail@example.org>"


def test_ten_thousand_links_can_be_used() -> None:
    """A long report groups its links by folder, lists all of them, and fits into a mailbox."""
    links = [
        reported_link(n, url=f"http://leak.test/{n % 5}/patients/{n % 700}/{n}.jpg")
        for n in range(1, 10_001)
    ]
    report = a_report(links=tuple(links))
    page = page_of(report)
    assert "http://leak.test/3/patients/" in page.text
    assert all(f"{link.url}\n" in page.text for link in links[::97])
    assert len([tag for tag, _ in page.elements if tag == "tr"]) < 60
    content = FORMATS["eml"](shown(report))[".eml"]
    assert len(content) < 1.4 * MOST_BYTES
    attached = {part.get_filename(): part for part in opened(content).iter_attachments()}
    sheet = attached["SU-7K3Q9-D2MXA.csv"].get_content()
    assert sheet.count("\n") == 10_001


@pytest.mark.parametrize(
    ("url_bytes", "form", "ends"),
    [(100, "eml", ".csv"), (30_000, "eml", ".csv.gz"), (100, "xarf", ".json")],
)
def test_a_letter_names_the_file_that_holds_the_list(url_bytes: int, form: str, ends: str) -> None:
    """Where the links are not in the text, it names the attachment in which they are."""
    urls = [f"http://leak.test/{'x' * url_bytes}/{n}.jpg" for n in range(1, 301)]
    report = a_report(links=tuple(reported_link(n, url=url) for n, url in enumerate(urls, 1)))
    files = FORMATS[form](shown(report))
    message = opened(next(content for end, content in files.items() if end.endswith("eml")))
    letter = message.get_body()
    assert letter is not None
    said = " ".join(letter.get_content().split())
    [named] = re.findall(r"times of every address is in (\S+)\.", said)
    assert named.endswith(ends)
    assert named in {part.get_filename() for part in message.iter_attachments()}


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_report_gives_the_same_bytes(form: str) -> None:
    """A format reads no clock and draws no lots."""
    assert FORMATS[form](shown(a_report())) == FORMATS[form](shown(a_report()))


def test_many_hosts_do_not_bury_the_report() -> None:
    """No two sections have one heading; after thirty addresses the others are folded up, and counted."""
    host = a_report().hosts[0]
    hosts = tuple(replace(host, host=f"{n:04}.leak.test") for n in range(300))
    report = a_report(hosts=hosts)
    content = FORMATS["html"](shown(report))[".html"]
    page = Page(content)
    titles = re.findall("(?s)<h2[^>]*>(.*?)</h2>", content.decode())
    assert len(titles) == len(set(titles))
    before, _, folded = page.text.partition("268 more")
    assert (before.count(".leak.test"), folded.count(".leak.test")) == (32, 268)
    letter = opened(FORMATS["eml"](shown(report))[".eml"]).get_body()
    assert letter is not None
    assert letter.get_content().partition("295 more")[0].count(".leak.test") == 5
