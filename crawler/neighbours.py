"""What groups of workers tell each other of themselves, and what share that leaves to each.

Room: pure rules. A group is whoever shares turns in memory: the workers of one `stillup crawl`, or a
worker alone. Every worker has a notice in `locks/workers/`, which it writes anew every few seconds
and reads of all others: which group it is of, which of their notices it has read, and which
registered domains it asks beside its own shard's (redirects lead there). Whoever begins with
something that others may ask as well waits until all of them have read that.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields

import xxhash

from crawler.records.layout import LOCKS, shard_folder

NOTICES = f"{LOCKS}/workers"
_NAME = re.compile(r"(?:\.writing-[0-9a-f]+-)?shard=(?P<shard>[0-9]{5,})-[0-9a-f]+\.json", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a worker says of itself. `read` is by owner: how often it had written when it was read.

    `groups` is a digest of all the groups that it knows of; `asks` holds, by the digest of a domain,
    a digest of the groups that it knows to ask there.
    """

    owner: str
    group: str
    shard: int
    ttl_s: float
    lock: str | None = None
    written: int = 0
    groups: str = ""
    read: Mapping[str, int] = field(default_factory=dict)
    asks: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what no worker wrote."""
        texts = (self.owner, self.group, self.groups, self.lock or "")
        if not all(isinstance(text, str) for text in texts) or not 0 < float(self.ttl_s) <= 3600:
            raise ValueError("not a notice")
        if type(self.shard) is not int or type(self.written) is not int:
            raise ValueError("not a notice")
        if not isinstance(self.read, dict) or not isinstance(self.asks, dict):
            raise ValueError("not a notice")  # noqa: TRY004 - a value of a file, not an argument

    def content(self) -> bytes:
        """Return the notice as its file holds it."""
        return json.dumps(asdict(self)).encode()


def notice_name(shard: int, owner: str) -> str:
    """3, ab12 → `locks/workers/shard=00003-ab12.json`."""
    return f"{NOTICES}/{shard_folder('', shard).lstrip('/')}-{owner}.json"


def notice_shard(name: str) -> int | None:
    """Return the shard in a notice's file name, also of one half-written; None for any other."""
    found = _NAME.fullmatch(name)
    return int(found["shard"]) if found else None


def read_notice(name: str, content: bytes) -> Notice:
    """Return the notice that a file holds. What no worker wrote is a group that reads nothing."""
    try:
        given = json.loads(content)
        known = {field.name for field in fields(Notice)}
        return Notice(**{key: value for key, value in given.items() if key in known})
    except (ValueError, TypeError, AttributeError, RecursionError):
        return Notice(owner=name, group=name, shard=notice_shard(name) or 0, ttl_s=1.0)


def digest(*texts: str) -> str:
    """Return a short digest of texts."""
    return xxhash.xxh3_64_hexdigest("\n".join(texts).encode())


@dataclass(frozen=True, slots=True)
class Share:
    """Which part of a rate is a group's: `number` of `groups`, from 0 on."""

    groups: int = 1
    number: int = 0


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A worker's own notice as it was written last, and those of all others that are there."""

    own: Notice
    others: tuple[Notice, ...] = ()

    @property
    def is_alone(self) -> bool:
        """Tell whether there is no other group."""
        return all(other.group == self.own.group for other in self.others)

    def groups(self) -> tuple[str, ...]:
        """Return all groups, in an order that all of them agree on."""
        return _sorted(notice.group for notice in (self.own, *self.others))

    def has_joined(self) -> bool:
        """Tell whether everybody in another group has read that we are there."""
        strangers = (other for other in self.others if other.group != self.own.group)
        return all(self.own.owner in other.read for other in strangers)

    def have_read(self, written: int) -> bool:
        """Tell whether all others have read what we wrote then."""
        return all(other.read.get(self.own.owner, -1) >= written for other in self.others)

    def is_asked_by_others(self, domain: str) -> bool:
        """Tell whether another group asks a domain, given as a digest."""
        return any(domain in one.asks and one.group != self.own.group for one in self.others)

    def askers(self, domain: str) -> tuple[str, ...]:
        """Return the groups that ask a domain, our own among them."""
        asking = (other.group for other in self.others if domain in other.asks)
        return _sorted((self.own.group, *asking))

    def share_of_domain(self, domain: str) -> Share | None:
        """Return our share of a domain; None while not everybody who asks there knows the same."""
        askers = self.askers(domain)
        known = digest(*askers)
        if any(other.asks.get(domain, known) != known for other in self.others):
            return None
        return Share(len(askers), askers.index(self.own.group))

    def share_of_all(self) -> Share | None:
        """Return our share of what everybody may ask; None while not everybody knows the same."""
        groups = self.groups()
        known = digest(*groups)
        if any(other.groups != known for other in self.others):
            return None
        return Share(len(groups), groups.index(self.own.group))


@dataclass(frozen=True, slots=True)
class Window:
    """A time that comes again: `window_s` long, every `cycle_s`, `from_s` into each cycle."""

    cycle_s: float
    from_s: float
    window_s: float

    def opens_in(self, wall_s: float) -> float:
        """Return the seconds until it is open, by the clock on the wall; 0 while it is."""
        if self.cycle_s <= 0:
            return 0.0
        into_s = (wall_s - self.from_s) % self.cycle_s
        return 0.0 if into_s < self.window_s else self.cycle_s - into_s


def window(share: Share, step_s: float, window_s: float) -> Window:
    """Return when a group may ask: each in turn, a step after the one before."""
    return Window(share.groups * step_s, share.number * step_s, window_s)


def address_window(share: Share, delay_s: float) -> Window:
    """Return when a group may ask an address: its windows are a delay and a half from the next's."""
    return window(share, 2 * delay_s, delay_s / 2)


def host_window(share: Share, all_groups: int, delay_s: float, address_delay_s: float) -> Window:
    """Return when a group may ask a host that others ask as well.

    From the end of one group's window to the next one's is a delay and a half, for the sake of
    answers that take a while. One of its windows of any address opens within it.
    """
    window_s = max(delay_s / 4, 2 * address_delay_s * (all_groups + 1))
    return window(share, 1.5 * delay_s + window_s, window_s)


def _sorted(groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(groups)))
