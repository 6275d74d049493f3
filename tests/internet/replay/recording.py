"""The recording: which reply belongs to which link, by what was recorded and by a stable draw.

Room: disk (two files of the repository) and pure rules. Links are known by their wire URL, as
a WHATWG parser writes it.
"""

import gzip
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import can_ada
import orjson

from tests.internet.draw import one_of

SAMPLE_PATH = Path(__file__).parents[3] / "data" / "samples" / "cc3m-validation.tsv.gz"
RECORDED_PATH = Path(__file__).parent / "cc3m-validation-replies-2019.jsonl.gz"

# How that crawl wrote down any exception: a timeout, a reset, a name that did not resolve.
EXCEPTION = 408


@dataclass(frozen=True, slots=True)
class RecordedReply:
    """What one link was answered with in January 2019; sizes are of the decoded body."""

    status: int
    media_type: str | None
    body_bytes: int | None
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Recording:
    """The reply of every link of the list, by wire URL, and the links of every authority.

    `recorded` holds the wire URLs whose reply was really recorded; the others' were drawn.
    """

    replies: Mapping[str, RecordedReply]
    recorded: frozenset[str]

    def by_authority(self) -> dict[str, dict[str, RecordedReply]]:
        """Return the links by authority (a host, with its port where that is not the scheme's)."""
        links: dict[str, dict[str, RecordedReply]] = defaultdict(dict)
        for url, reply in self.replies.items():
            links[authority_of(url)][url] = reply
        return links


def recording(limit: int | None = None) -> Recording:
    """Read the list and the recording; only the first `limit` rows of the list, if given."""
    recorded = dict(_recorded())
    urls = list(_listed())[:limit]
    by_host: dict[str, list[RecordedReply]] = defaultdict(list)
    for url, reply in recorded.items():
        by_host[authority_of(url)].append(reply)
    everything = list(recorded.values())
    replies = {
        url: recorded.get(url) or _drawn(url, by_host.get(authority_of(url), everything))
        for url in urls
    }
    return Recording(replies, frozenset(recorded).intersection(urls))


def authority_of(wire_url: str) -> str:
    """Return what stands between `://` and the path."""
    return wire_url.split("/", 3)[2]


def _drawn(url: str, mix: list[RecordedReply]) -> RecordedReply:
    return one_of(mix, "reply", url)


def _wire(url: str) -> str:
    return str(can_ada.parse(url).href).partition("#")[0]


def _listed() -> Iterable[str]:
    with gzip.open(SAMPLE_PATH, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield _wire(line.rstrip("\n").split("\t")[1])


def _recorded() -> Iterable[tuple[str, RecordedReply]]:
    with gzip.open(RECORDED_PATH) as lines:
        for line in lines:
            row: dict[str, Any] = orjson.loads(line)
            headers = tuple(row["headers"].items())
            reply = RecordedReply(row["status"], row["media_type"], row["bytes"], headers)
            yield _wire(row["url"]), reply
