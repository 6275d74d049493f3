"""One name, asked of one name server after another until its answer counts.

Room: network. Decides by `crawler/nameservers.py` and `crawler/opinions.py`. An answer that comes late is
taken as long as the name is asked for, whoever else was asked meanwhile.
"""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic

from crawler.name_memory import Said
from crawler.nameservers import SHARED_BY, Rate, Standing, order, proved, tried
from crawler.opinions import Opinions
from crawler.visit.files import OutOfFilesError
from crawler.visit.name_server import Asking, NameServer

# Each round over the servers waits twice as long as the one before.
_FIRST_TRY_S = 1.0
_SHARED_KEEP = 4_096
_MOST_TOLD = 20


@dataclass(slots=True)
class Shared:
    """How many unrelated names were given an address; None once another server gave it as well.

    Names are unrelated here when their last two labels differ, which counts too few rather than
    too many.
    """

    _names: OrderedDict[str, set[str] | None] = field(default_factory=OrderedDict)

    def note(self, addresses: tuple[str, ...], name: str) -> bool:
        """Count a name; tell whether one of its addresses is that of many."""
        end = ".".join(name.rsplit(".", 2)[-2:])
        counts = [self._count(address, end) for address in addresses]
        return max(counts, default=0) >= SHARED_BY

    def vouch(self, addresses: tuple[str, ...]) -> None:
        """Stop counting for addresses that another server gave as well."""
        for address in addresses:
            self._names[address] = None

    def _count(self, address: str, end: str) -> int:
        names = self._names.setdefault(address, set())
        self._names.move_to_end(address)
        if len(self._names) > _SHARED_KEEP:
            self._names.popitem(last=False)
        if names is None:
            return 0
        if len(names) < SHARED_BY:
            names.add(end)
        return len(names)


class NameServers:
    """Every name server of a resolver, and how each has done."""

    def __init__(self, names: tuple[str, ...], rate: Rate) -> None:
        """Ask nobody yet. Raises ValueError."""
        self.names = names
        self.servers = [NameServer(text, rate) for text in names]
        self.standings = [Standing() for _ in names]
        self.shared = [Shared() for _ in names]
        self._proofs: list[asyncio.Task[None] | None] = [None for _ in names]
        self._told: dict[str, None] = {}

    @property
    def told(self) -> tuple[str, ...]:
        """What a person should know of a server that was wrong, or failed: a sentence for each."""
        return tuple(self._told)

    async def look_up(self, name: str, timeout_s: float) -> tuple[Said, float]:
        """Ask for a name until an answer counts or the time is over.

        Returns it with the seconds that were waited for our own turn, on top of that time. Raises
        BadNameError and OutOfFilesError.
        """
        look_up = _LookUp(self, name)
        return await look_up.counts(timeout_s), look_up.waited_s

    def order(self, now: float) -> list[int]:
        """Return the servers, the one to ask first first."""
        if len(self.servers) == 1:
            return [0]
        return order(self.standings, [server.free_at(now) for server in self.servers], now)

    def judge(self, opinions: Opinions, counts: Said) -> None:
        """Note how each server did at a name."""
        before = self.standings
        self.standings = opinions.judged(before, counts, monotonic())
        if len(self.servers) > 1:
            for one, said in opinions.said.items():
                agreed = said.addresses and any(
                    not set(said.addresses).isdisjoint(other.addresses)
                    for at, other in opinions.said.items()
                    if at != one
                )
                if agreed:
                    self.shared[one].vouch(said.addresses)
        for one, (was, is_) in enumerate(zip(before, self.standings, strict=True)):
            if is_ is not was:
                self._tell(one, was, is_)

    async def proved(self, one: int) -> None:
        """Ask a server for a name that nobody can have (RFC 6761, 6.4), if that is due.

        The first answers wait for that, later ones do not.
        """
        is_first = self.standings[one].proved_at < 0
        if self.standings[one].must_prove(monotonic()) and self._is_proved(one):
            self._proofs[one] = asyncio.create_task(self._prove(one))
        proof = self._proofs[one]
        if is_first and proof is not None and not proof.done():
            await asyncio.wait([proof], timeout=_FIRST_TRY_S)

    async def close(self) -> None:
        """Give back the sockets."""
        running = [proof for proof in self._proofs if proof is not None]
        for proof in running:
            proof.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for server in self.servers:
            await server.close()

    def _is_proved(self, one: int) -> bool:
        proof = self._proofs[one]
        return proof is None or proof.done()

    async def _prove(self, one: int) -> None:
        asking = self.servers[one].asking(f"{secrets.token_hex(8)}.invalid")
        try:
            await self.servers[one].send(asking)
            await asyncio.wait([asking.said], timeout=_FIRST_TRY_S)
            said = asking.said.result() if asking.said.done() else Said()
        except OutOfFilesError:
            return  # whoever looks a name up meets it as well, and waits for files
        finally:
            asking.forget()
        was = self.standings[one]
        given = tuple(was.lies) if said.failed else said.addresses  # silence takes nothing back
        self.standings[one] = proved(was, monotonic(), given)
        self._tell(one, was, self.standings[one])

    def _tell(self, one: int, was: Standing, is_: Standing) -> None:
        server = f"name server {self.names[one]}"
        for address in sorted(is_.lies - was.lies):
            self._say(
                f"{server} gives {address} for names that are elsewhere or nowhere; not believed"
            )
        if is_.aside_s > was.aside_s and not is_.lies:
            what = "denies names that others find" if is_.denied else "fails where others answer"
            self._say(f"{server} {what}; it was asked last for a while")

    def _say(self, sentence: str) -> None:
        if len(self._told) < _MOST_TOLD:
            self._told[sentence] = None


@dataclass(slots=True)
class _LookUp:
    """A name that is asked for."""

    by: NameServers
    name: str
    asked: dict[int, Asking] = field(default_factory=dict)
    said: dict[int, Said] = field(default_factory=dict)
    silent: set[int] = field(default_factory=set)
    shared: set[int] = field(default_factory=set)
    waited_s: float = 0.0

    async def counts(self, timeout_s: float) -> Said:
        """Ask one server after the other. Raises BadNameError and OutOfFilesError."""
        try:
            began = monotonic()
            for one, wait_s in self._tries():
                await self._ask(one)
                ends_at = began + timeout_s + self.waited_s
                settled = await self._heard(one, min(wait_s, ends_at - monotonic()))
                if settled is None and monotonic() >= ends_at:
                    settled = self._in_the_end()
                if settled is not None:
                    self.by.judge(self._opinions(), settled)
                    return settled
            return self._in_the_end()
        finally:
            for asking in self.asked.values():
                asking.forget()

    def _tries(self) -> Iterator[tuple[int, float]]:
        """Yield whom to ask, and how long to wait then; who has answered is not asked again."""
        wait_s, ordered = _FIRST_TRY_S, self.by.order(monotonic())
        while len(self.said) < len(ordered):
            for one in ordered:
                if one not in self.said:
                    yield one, wait_s
            wait_s *= 2

    async def _ask(self, one: int) -> None:
        self.by.standings[one] = tried(self.by.standings[one], monotonic())
        server = self.by.servers[one]
        if one not in self.asked:
            self.asked[one] = server.asking(self.name)
        began = monotonic()
        await server.send(self.asked[one])
        self.waited_s += monotonic() - began

    async def _heard(self, one: int, at_most_s: float) -> Said | None:
        """Wait until somebody has said what counts, or the server that was asked last is silent."""
        ends_at = monotonic() + at_most_s
        while one not in self.said:
            pending = [asking.said for at, asking in self.asked.items() if at not in self.said]
            await asyncio.wait(
                pending,
                timeout=max(0.0, ends_at - monotonic()),
                return_when=asyncio.FIRST_COMPLETED,
            )
            heard = [at for at in self.asked if at not in self.said and self.asked[at].said.done()]
            for at in heard:
                await self._note(at, self.asked[at].said.result())
            if not heard:
                self.silent.add(one)
                break
            if (settled := self._settled()) is not None:
                return settled
        return self._settled()

    async def _note(self, one: int, said: Said) -> None:
        await self.by.proved(one)
        self.said[one] = said
        self.silent.discard(one)
        if len(self.by.servers) > 1 and self.by.shared[one].note(said.addresses, self.name):
            self.shared.add(one)

    def _opinions(self) -> Opinions:
        return Opinions(self.said, self.silent, self.shared)

    def _settled(self) -> Said | None:
        """Return what counts. All may be silent at first, and are then asked again."""
        settled = self._opinions().settled(self.by.standings, monotonic())
        return None if settled is not None and settled.failed and self._may_answer() else settled

    def _may_answer(self) -> bool:
        return len(self.said) < len(self.by.servers)

    def _in_the_end(self) -> Said:
        everybody = set(range(len(self.by.servers))) - set(self.said)
        self.silent |= everybody
        settled = self._opinions().settled(self.by.standings, monotonic())
        assert settled is not None  # noqa: S101  (everybody has answered or is silent)
        return settled
