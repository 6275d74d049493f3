"""What the desk says: the list of findings, a case, and that a decision was kept.

Room: web. Tables are read; the only thing that is written is a review.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

from analysis.actions import append
from analysis.deciding import decided
from analysis.desk.doors import Asked, Doors
from analysis.findings import Finding, read_findings
from analysis.nouns import read_nouns
from analysis.report.words import environment
from analysis.review import Case, read_case
from analysis.runfile import RunFacts
from analysis.session import Session, Terms, ask
from analysis.text import visible
from analysis.wording import count
from crawler.records.action import Decision
from crawler.records.errors import RunFailed, WrongUse

_LAYOUT = Path(__file__).parent / "layout"
_MOST = 500
_PAGE = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: its status, its headers, and its page."""

    status: int
    content: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decided:
    """The review of a place that counts; the fields are columns of `reviews`."""

    level: str
    place: str
    decision: str
    reviewer: str


@dataclass(slots=True)
class Desk:
    """A desk over one session of a run. Not for two threads at once."""

    facts: RunFacts
    session: Session
    doors: Doors
    by: str
    now: Callable[[], datetime]
    findings: list[Finding] = field(init=False)
    are_all: bool = field(init=False)

    def __post_init__(self) -> None:
        """Rank the findings once; what was decided is read each time."""
        found = read_findings(self.session, _MOST + 1)
        self.findings, self.are_all = found[:_MOST], len(found) <= _MOST

    def tell(self, asked: Asked) -> Told:
        """Answer a request."""
        if asked.method == "GET" and asked.path == "/" and "key" in asked.query:
            return self._enter(asked)
        refused = self.doors.refusal(asked)
        if refused is not None:
            return self._page(403, "refused.html", why=refused)
        routes = {
            ("GET", "/"): self._list,
            ("GET", "/place"): self._case,
            ("POST", "/decide"): self._decide,
        }
        route = routes.get((asked.method, asked.path))
        if route is None:
            return self._page(404, "refused.html", why="there is no such page")
        try:
            return route(asked)
        except WrongUse as error:
            return self._page(400, "refused.html", why=visible(str(error)))
        except RunFailed as error:
            return self._page(500, "refused.html", why=visible(str(error)))

    def _enter(self, asked: Asked) -> Told:
        """Take the key out of the address and into a cookie."""
        own = asked.headers.get("host") in (
            f"127.0.0.1:{self.doors.port}",
            f"localhost:{self.doors.port}",
        )
        if not own or not self.doors.is_key(asked.query["key"]):
            return self._page(
                403, "refused.html", why="this is not the key of this start of the desk"
            )
        cookie = f"{self.doors.cookie}={self.doors.key}; HttpOnly; SameSite=Strict; Path=/"
        return Told(303, headers={"Location": "/", "Set-Cookie": cookie})

    def _list(self, asked: Asked) -> Told:  # noqa: ARG002 - as every route
        reviews = {(one.level, one.place): one for one in ask(self.facts, _reviews, _REVIEWS)}
        rows = [(one, reviews.get((one.level, one.place)), _address(one)) for one in self.findings]
        undecided = sum(row[1] is None for row in rows)
        return self._page(200, "list.html", rows=rows, open=undecided, are_all=self.are_all)

    def _case(self, asked: Asked) -> Told:
        place = asked.query.get("place", "")
        past = ask(self.facts, lambda session: self._with_reviews(session, place), _REVIEWS)
        return self._page(200, "case.html", case=past, by=self.by, token=self.doors.token)

    def _with_reviews(self, session: Session, place: str) -> Case:
        """Return a case as it is ranked in the desk's session, with what was decided by now."""
        return read_case(self.session, place, session)

    def _decide(self, asked: Asked) -> Told:
        form = asked.form
        if form.get("decision") not in set(Decision):
            raise WrongUse("say what is decided")
        finding = read_case(self.session, form.get("place", "")).explained.finding
        decision = Decision(form["decision"])
        note = form.get("note") or None
        made = decided(finding, self.facts.round, decision, form.get("by"), note, self.now())
        append(self.facts.store, [made])
        return Told(303, headers={"Location": _address(finding)})

    def _page(self, status: int, layout: str, **values: object) -> Told:
        style = environment(_LAYOUT).get_template("desk.css").render()
        content = (
            environment(_LAYOUT)
            .get_template(layout)
            .render(
                run=visible(self.facts.name),
                style=style,
                visible=visible,
                count=count,
                **values,
            )
        )
        return Told(status, content, {"Content-Type": _PAGE, **_guards(style)})


def _guards(style: str) -> dict[str, str]:
    """Return the headers that keep a page to itself."""
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{allowed}'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        # `no-referrer` would make the Origin of our own forms `null`.
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


def _address(finding: Finding) -> str:
    return "/place?" + urlencode({"place": finding.place})


def _reviews(session: Session) -> tuple[Decided, ...]:
    return read_nouns(session, Decided, "from reviews where counts")


_REVIEWS = Terms(tables=("reviews", "reports"))
