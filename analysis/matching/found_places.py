"""What `stillup find` says: the places of a picture, what to do next, and what it cannot tell.

Room: pure rules. Values in, lines of text out; every text from outside is made visible.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from analysis.matching.answer import Coverage, Match
from analysis.matching.pictures_asked import CROPPED, Asked
from analysis.text import visible
from analysis.wording import count
from crawler.records.shown import shortened

_URL_WIDTH = 1_000
_PLACES = {
    "served_now": "serves it now",
    "served_before": "served it before",
    "promised": "is listed with it; nobody has seen it there",
}
_TURNS = {
    "original": "",
    "rotate_90": ", turned by 90°",
    "rotate_180": ", turned by 180°",
    "rotate_270": ", turned by 270°",
    "flip_x": ", mirrored",
    "flip_y": ", mirrored",
    "flip_plus_1": ", mirrored and turned",
    "flip_minus_1": ", mirrored and turned",
}


def best_of_links(matches: Sequence[Match]) -> list[Match]:
    """Return one match a link, the most telling one; matches come best first."""
    best: dict[int, Match] = {}
    for match in matches:
        best.setdefault(match.link_id, match)
    return list(best.values())


def heading(asked: Asked) -> Iterator[str]:
    """Say what was looked for."""
    seen = asked.seen
    size = f"{seen.width} × {seen.height} pixels" if seen.width else "not a picture that opens"
    yield f"{visible(asked.name)}: {size}"
    if asked.exact_only:
        yield f"  Only the very same file can be found, for {asked.exact_only}."


def places(matches: Sequence[Match]) -> Iterator[str]:
    """Say where it is, by registered domain; those that serve it now come first."""
    links = best_of_links(matches)
    if not links:
        yield "No link of this run that we know of has this picture."
        return
    by_domain: dict[str, list[Match]] = defaultdict(list)
    for match in links:
        by_domain[match.registered_domain or "a link without a domain"].append(match)
    sites = "1 site" if len(by_domain) == 1 else f"{count(len(by_domain))} sites"
    yield f"Found at {count(len(links))} {'link' if len(links) == 1 else 'links'} on {sites}."
    for domain, at in sorted(by_domain.items(), key=lambda item: (item[1][0].weight, item[0])):
        yield ""
        yield visible(domain)
        for match in at:
            yield f"  {_PLACES[match.place]}: {visible(shortened(match.url, _URL_WIDTH))}"
            yield f"    {_how(match)}; {_when(match)}"


def what_next(matches: Sequence[Match], commands: Collection[str]) -> Iterator[str]:
    """Say what a person can do; only commands that there are."""
    found = {match.place for match in best_of_links(matches)}
    if not found:
        return
    yield "What you can do next"
    if "served_now" in found:
        yield from (
            "- Ask each site that serves it now to remove it. Only the site can: the makers of the",
            "  list can take out the link, but the picture stays where it is. Give the exact links",
            "  above, say that you are in the picture and do not agree, and do not attach it. Look",
            "  for “contact”, “privacy” or “abuse” on the site, or for /.well-known/security.txt.",
            "- If the site does not answer, ask the company that hosts it; and in the European Union,",
            "  the United Kingdom and many other places you may ask under data protection law.",
        )
        if "report" in commands:
            yield "- `stillup report RUN` writes what a host needs, after `stillup review`."
    if "promised" in found:
        yield "- Of links that nobody has seen: `stillup crawl RUN` looks whether they still serve it."
    if "recheck" in commands:
        yield "- After a while, `stillup recheck RUN` and `stillup crawl RUN` look again."
    yield "- If you are under 18 in the picture, or it shows you naked or in private and you never"
    yield "  agreed: takeitdown.ncmec.org (under 18) and stopncii.org (adults) take hashes, not pictures."


def limits(coverage: Coverage, *, kept: bool) -> Iterator[str]:
    """Say what the search cannot tell, and what becomes of the picture."""
    yield "What this cannot tell"
    unseen = coverage.links - coverage.looked_at
    if unseen:
        yield f"- Of {count(coverage.links)} links, {count(unseen)} were never looked at."
    if coverage.looked_at and not coverage.with_digest:
        yield "- The crawl read no picture: it asked for heads only, or none was served. What links"
        yield "  serve can be compared where a run is crawled with `stillup crawl RUN --mode body`."
    elif coverage.with_digest and not coverage.with_pdq:
        yield "- The crawl took no fingerprints, so only the very same file could be found."
    elif coverage.with_picture > coverage.with_fit_pdq:
        unfit = count(coverage.with_picture - coverage.with_fit_pdq)
        yield f"- {unfit} pictures broke, or have too little detail; of them only the very same file is found."
    yield "- A copy with much cut off or cut off on one side, with a border, or turned by some degrees"
    yield "  may be missed; and another picture that looks nearly alike may be shown. Look before you write."
    yield "- Only links of this run are searched, not the web."
    if kept:
        yield "The hashes of what was found are kept in RUN/matches, as you asked."
    else:
        yield "Nothing of your picture was sent anywhere, and nothing of it was written down."


def _how(match: Match) -> str:
    if match.kind != "pdq":
        return "the very same file"
    orientation = match.category or ""
    turn = _TURNS.get(orientation.removesuffix(CROPPED), "")
    crop = CROPPED * orientation.endswith(CROPPED)
    return f"looks the same{turn}{crop} ({match.distance} of 256 bits differ)"


def _when(match: Match) -> str:
    if match.observed_at is None:
        if match.last_look_at is None:
            return "never looked at"
        return f"at the last look, {match.last_look_at:%Y-%m-%d}: {match.last_outcome}"
    seen = f"seen {match.observed_at:%Y-%m-%d %H:%M} UTC"
    if match.place == "served_before" and match.last_look_at is not None:
        seen += f"; at the last look, {match.last_look_at:%Y-%m-%d}: {match.last_outcome}"
    return seen
