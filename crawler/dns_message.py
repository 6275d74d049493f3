"""DNS messages: what a resolver asks, and what an answer says of one name.

Room: pure rules. Of a message only what a crawl needs is read: addresses, the aliases that lead to
them, how long both live, and how long it holds that there are none (RFC 1035, RFC 2308). Every byte
may be hostile: names are read in bounded steps, and what is odd raises BadMessageError.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv6Address

_HEADER = struct.Struct("!HHHHHH")
_RECORD = struct.Struct("!HHIH")  # type, class, seconds to live, bytes of what follows
_RECURSE, _ANSWERS, _TRUNCATED, _OPCODE = 0x0100, 0x8000, 0x0200, 0x7800
_CLASS, _POINTER, _LABEL_BYTES, _NAME_BYTES = 1, 0xC0, 63, 255
# We take answers of this size over UDP (RFC 6891; the size that is never fragmented).
_EDNS = b"\0" + _RECORD.pack(41, 1232, 0, 0)
_MOST_RECORDS = 128  # of an answer are read; a name with more addresses does well with some
_MOST_TTL_S = 0x7FFFFFFF  # a larger one is none (RFC 2181, 8)


class Kind(IntEnum):
    """What is asked for, and what else of an answer is read (RFC 1035, RFC 3596)."""

    A = 1
    NS = 2
    CNAME = 5
    SOA = 6
    AAAA = 28


class Rcode(IntEnum):
    """How an answer went (RFC 1035, 4.1.1); any other code is as good as SERVFAIL."""

    NOERROR = 0
    FORMERR = 1
    SERVFAIL = 2
    NXDOMAIN = 3
    NOTIMP = 4
    REFUSED = 5


class BadNameError(ValueError):
    """A name that DNS cannot hold: an empty label, one above 63 octets, or all above 255."""


class BadMessageError(ValueError):
    """No answer to what was asked: damaged, or of somebody else's question."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What an answer says. `lives_s` is of the addresses, or of there being none; None if not said."""

    rcode: int
    addresses: tuple[str, ...] = ()
    lives_s: int | None = None
    truncated: bool = False
    leads_elsewhere: bool = False  # to other name servers: this one asks nobody for us

    @property
    def says_no(self) -> bool:
        """Tell whether it says that there is no such name, or no such address of it."""
        missing = self.rcode == Rcode.NOERROR and not (self.addresses or self.leads_elsewhere)
        return self.rcode == Rcode.NXDOMAIN or missing

    @property
    def failed(self) -> bool:
        """Tell whether it says nothing of the name."""
        return not (self.addresses or self.says_no)


def question(number: int, name: str, kind: Kind, *, edns: bool = True) -> bytes:
    """Return a question for a name, numbered 0 to 65535. Raises BadNameError."""
    labels = name.removesuffix(".").encode("ascii", "replace").split(b".")
    if not all(0 < len(label) <= _LABEL_BYTES for label in labels):
        raise BadNameError(name)
    packed = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    if len(packed) > _NAME_BYTES:
        raise BadNameError(name)
    head = _HEADER.pack(number, _RECURSE, 1, 0, 0, int(edns))
    return head + packed + struct.pack("!HH", kind, _CLASS) + (_EDNS if edns else b"")


def reply(message: bytes, asked: bytes) -> Reply:
    """Return what a message says to a packed question. Raises BadMessageError."""
    try:
        return _reply(message, asked)
    except (struct.error, IndexError) as error:
        raise BadMessageError("it ends too early") from error


def _reply(message: bytes, asked: bytes) -> Reply:
    number, flags, questions, answers, authorities, _ = _HEADER.unpack_from(message)
    rcode = flags & 0xF
    if number != _HEADER.unpack_from(asked)[0] or not flags & _ANSWERS or flags & _OPCODE:
        raise BadMessageError("it answers something else")
    if questions == 0 and rcode not in (Rcode.NOERROR, Rcode.NXDOMAIN):
        return Reply(rcode)  # some repeat no question that they did not understand
    end = _end_of_question(asked)
    # Lengths and codes have no letters, so that only those of the name lose their case here.
    if questions != 1 or message[12:end].lower() != asked[12:end].lower():
        raise BadMessageError("it answers something else")
    if flags & _TRUNCATED:
        return Reply(rcode, truncated=True)
    if rcode not in (Rcode.NOERROR, Rcode.NXDOMAIN):
        return Reply(rcode)
    kind = int.from_bytes(asked[end - 4 : end - 2], "big")
    return _Records(message, end, kind).reply(rcode, answers, authorities)


def _end_of_question(asked: bytes) -> int:
    at = 12
    while length := asked[at]:
        at += length + 1
    return at + 5


class _Records:
    """Reads the records of one message, from a position on."""

    def __init__(self, message: bytes, at: int, kind: int) -> None:
        self._message = message
        self._at = at
        self._kind = kind
        self._aliases: dict[bytes, tuple[bytes, int]] = {}
        self._found: dict[bytes, list[tuple[str, int]]] = {}
        self._denied_s: int | None = None
        self._leads_elsewhere = False

    def reply(self, rcode: int, answers: int, authorities: int) -> Reply:
        """Return what they say of the name that was asked for."""
        for _ in range(min(answers, _MOST_RECORDS)):
            self._answer(*self._record())
        found, lives_s = self._addresses()
        if found:
            return Reply(Rcode.NOERROR, tuple(dict.fromkeys(found)), lives_s)
        if answers <= _MOST_RECORDS:
            for _ in range(min(authorities, _MOST_RECORDS)):
                self._authority(*self._record()[1:])
        lives_s = (
            self._denied_s
            if lives_s is None or self._denied_s is None
            else min(lives_s, self._denied_s)
        )
        refers = self._leads_elsewhere and self._denied_s is None
        return Reply(rcode, (), lives_s, leads_elsewhere=refers)

    def _record(self) -> tuple[bytes, int, int, int, int]:
        """Return owner, type, seconds to live, and from where to where its contents are."""
        owner, at = self._name(self._at)
        kind, class_, ttl_s, length = _RECORD.unpack_from(self._message, at)
        begin = at + _RECORD.size
        self._at = begin + length
        if self._at > len(self._message):
            raise BadMessageError("it ends too early")
        ttl_s = ttl_s if ttl_s <= _MOST_TTL_S else 0
        return owner, kind if class_ == _CLASS else 0, ttl_s, begin, self._at

    def _answer(self, owner: bytes, kind: int, ttl_s: int, begin: int, end: int) -> None:
        if kind == Kind.CNAME:
            self._aliases.setdefault(owner, (self._name(begin)[0], ttl_s))
        elif kind == self._kind:
            text = _address(kind, self._message[begin:end])
            self._found.setdefault(owner, []).append((text, ttl_s))

    def _authority(self, kind: int, ttl_s: int, begin: int, end: int) -> None:
        if kind == Kind.SOA and end - begin >= 22:
            minimum_s = int.from_bytes(self._message[end - 4 : end], "big")
            self._denied_s = min(ttl_s, minimum_s)  # RFC 2308, 5
        self._leads_elsewhere |= kind == Kind.NS

    def _addresses(self) -> tuple[list[str], int | None]:
        """Follow the aliases from the name that was asked for to its addresses."""
        name, lives_s = self._name(12)[0], None
        for _ in range(len(self._aliases) + 1):
            if name in self._found:
                ttls = [ttl_s for _, ttl_s in self._found[name]]
                shortest_s = min(ttls if lives_s is None else [lives_s, *ttls])
                return [text for text, _ in self._found[name]], shortest_s
            if name not in self._aliases:
                break
            name, ttl_s = self._aliases[name]
            lives_s = ttl_s if lives_s is None else min(lives_s, ttl_s)
        return [], lives_s

    def _name(self, at: int) -> tuple[bytes, int]:
        """Return a name in its long form, lower case, and where it ends; pointers lead back only."""
        labels: list[bytes] = []
        size, end, before = 0, 0, at
        while length := self._message[at]:
            if length & _POINTER == _POINTER:
                end = end or at + 2
                at = int.from_bytes(self._message[at : at + 2], "big") & 0x3FFF
                if at >= before:
                    raise BadMessageError("a name in it leads forward")
                before = at
                continue
            size += length + 1
            if length > _LABEL_BYTES or size >= _NAME_BYTES:
                raise BadMessageError("a name in it is too long")
            labels.append(self._message[at : at + length + 1])
            at += length + 1
        return b"".join(labels).lower(), end or at + 1


def _address(kind: int, packed: bytes) -> str:
    if len(packed) != (4 if kind == Kind.A else 16):
        raise BadMessageError("an address in it has another length")
    if kind == Kind.A:
        return ".".join(map(str, packed))
    return str(IPv6Address(packed))
