"""What was seen of a link, written down: answers → the row of `observations`.

Room: network. Keeps metadata only: no byte of a body outlives its answer.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from crawler.media import media_type
from crawler.opt_out import opt_out
from crawler.outcomes import outcome_of_status
from crawler.records import Hop, Observation, Origin, Outcome, ParsedUrl, ShardLink, Visit
from crawler.tdm import TDM_HEADER, path_of, tdm_at, tdm_of_headers
from crawler.visit.failures import describe, outcome_of_error
from crawler.visit.fetch import Answer
from crawler.visit.host_state import HostState, Settlement
from crawler.visit.options import VisitOptions

_TEXT_CHARACTERS = 1000  # a header may be of any length; the row is not


@dataclass(slots=True)
class Seen:
    """A look before it is written down: the last answer, the way there, and what ended it."""

    link: ShardLink
    url: ParsedUrl
    answer: Answer
    hops: tuple[Hop, ...]
    started_at: datetime
    total_s: float
    error: BaseException | None

    @property
    def outcome(self) -> Outcome:
        """What the look came to. A refusal is one, whatever is wrong with the page that says so."""
        status = self.answer.status or 0
        if self.error is not None and status < 400:
            return outcome_of_error(self.error)
        return outcome_of_status(status, retry_after="Retry-After" in self.answer.headers)


def observation(options: VisitOptions, visit: Visit, state: HostState, seen: Seen) -> Observation:
    """Write down a look. `host` is the host that the look ended at."""
    answer, headers, url = seen.answer, seen.answer.headers, seen.url
    body = answer.body if answer.status != 304 else None  # it has none, and that is no empty one
    return Observation(
        link_id=seen.link.link_id,
        round=options.round,
        attempt=seen.link.attempts + 1,
        observed_at=seen.started_at,
        outcome=seen.outcome,
        status=answer.status,
        method=answer.ask.method,
        url=seen.link.url.wire_url,
        final_url=url.wire_url,
        hops=seen.hops,
        host=url.host,
        registered_domain=state.registered_domain,
        ip=answer.ip,
        content_type=_text(headers.get("Content-Type")),
        media_type=media_type(body.head) if body is not None else None,
        declared_bytes=_number(headers.get("Content-Length")),
        body_bytes=body.body_bytes if body is not None else None,
        sha256=body.sha256 if body is not None else None,
        md5=body.md5 if body is not None else None,
        etag=_text(headers.get("ETag")),
        last_modified=_text(headers.get("Last-Modified")),
        server=_text(headers.get("Server")),
        opt_out=_opt_out(options, answer, state, url),
        tls_problem=state.tls_problems.get(url.port) if url.scheme == "https" else None,
        content_encoding=_text(headers.get("Content-Encoding")),
        ttfb_ms=None if answer.ttfb_s is None else answer.ttfb_s * 1000,
        total_ms=seen.total_s * 1000,
        error=None if seen.error is None else describe(seen.error),
        shard=options.shard,
        visit_id=visit.visit_id,
    )


def unasked(
    options: VisitOptions,
    visit: Visit,
    link: ShardLink,
    settlement: Settlement,
    *,
    inferred: bool,
) -> Observation:
    """Write down a link that no request was sent for, and why."""
    return Observation(
        link_id=link.link_id,
        round=options.round,
        attempt=link.attempts + 1,
        observed_at=datetime.now(UTC),
        outcome=settlement.outcome,
        url=link.url.wire_url,
        host=visit.host,
        registered_domain=visit.registered_domain,
        error=settlement.error,
        inferred=inferred,
        suspect=settlement.suspect,
        shard=options.shard,
        visit_id=visit.visit_id,
    )


def _opt_out(options: VisitOptions, answer: Answer, state: HostState, url: ParsedUrl) -> str | None:
    """Return what the answer, and the files of its origin, say against use by machines."""
    origin = Origin(url.scheme, url.host, url.port)
    robots, _ = state.robots.get(origin, (None, 0.0))
    headers = answer.headers
    reservation = headers.get(TDM_HEADER)
    rules = state.tdm_rules.get(origin)
    is_served = answer.status is not None and 200 <= answer.status < 300
    if is_served and rules is None and (reservation is not None or options.policy.tdmrep):
        state.tdm_due = origin
    return opt_out(
        headers.getall("X-Robots-Tag", ()),
        tdm_of_headers(reservation, headers.get("tdm-policy")),
        tdm_at(rules, path_of(url.wire_url)) if rules else None,
        robots.ai_refused if robots else (),
    )


def _text(header: str | None) -> str | None:
    """Return a header as it may stand in a table: valid Unicode, of bounded length."""
    if header is None or (len(header) <= _TEXT_CHARACTERS and header.isascii()):
        return header
    return header[:_TEXT_CHARACTERS].encode("utf-8", "replace").decode()


def _number(header: str | None) -> int | None:
    """Return a Content-Length, or None for one that is no length."""
    digits = header is not None and header.isascii() and header.isdigit() and len(header) < 19
    return int(header) if digits and header is not None else None
