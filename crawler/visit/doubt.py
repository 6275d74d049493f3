"""Doubt ourselves first: before a failure is laid at a host's door, our own network is vouched for.

Room: network. Decides by `crawler/doubt.py`. Whoever's look failed waits here until something else
succeeds, which in a healthy crawl takes milliseconds. Where nothing does, hosts that have answered
before are asked for the head of their robots.txt, in their turn; when they fail too, every visit
waits until one of them answers again. Hosts that answered an earlier worker may only vouch: they may
all have gone since, and that would be no outage.
"""

import asyncio
import contextlib
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from crawler.doubt import (
    ENOUGH_SILENT,
    FIRST_PAUSE_S,
    JUMP_DOMAINS,
    MAX_OUTAGE_S,
    MAX_PAUSE_S,
    PATIENCE_S,
    QUICK_S,
    WITNESS_S,
    WITNESSES,
    Blame,
    Failure,
    Layer,
    Outage,
    failure_of,
    jumps,
)
from crawler.politeness import ready_at
from crawler.records import Origin, Outcome, ParsedUrl
from crawler.visit.ask import Asker
from crawler.visit.clock import Clock, StoppedError
from crawler.visit.dns import Resolver, is_literal
from crawler.visit.fetch import Ask, Fetcher
from crawler.visit.host_state import HostState
from crawler.visit.hosts import Hosts
from crawler.visit.options import VisitOptions
from crawler.visit.outside import Outside
from crawler.visit.robots_reader import robots_url

_KEEP = 64  # witnesses
_READY_S = 5.0  # a witness that may not be asked sooner is passed over
_KEEP_OUTAGES = 100


class Doubt:
    """Says whose failures are, and holds every visit back while our own network is away."""

    def __init__(
        self,
        options: VisitOptions,
        resolver: Resolver,
        hosts: Hosts,
        clock: Clock,
        outside: Outside,
    ) -> None:
        self._outside = outside
        self._options = options
        self._resolver = resolver
        self._hosts = hosts
        self._clock = clock
        self._vouched = dict.fromkeys(Layer, clock.now())
        self._witnesses: dict[str, Origin] = {}  # by registered domain, the newest last
        self._earlier: dict[str, Origin] = {}  # those of earlier workers, by registered domain
        self._earlier_silent, self._in_vain_at = 0, -math.inf
        self._waiting: set[Failure] = set()
        self._unvouched: set[Failure] = set()
        self._news = asyncio.Event()
        self._asking = asyncio.Lock()
        self._fetcher: Fetcher | None = None
        self._asker: Asker | None = None
        self._outages: list[Outage] = []
        self._lasting: Outage | None = None
        self.suspects = 0
        self.gave_up: str | None = None

    def remember(self, earlier: Mapping[str, Origin]) -> None:
        """Know of hosts that answered an earlier worker, by registered domain."""
        self._earlier = dict(earlier)

    def vouch(self, layer: Layer, took_s: float) -> None:
        """Note that something has just succeeded on a layer."""
        if took_s > QUICK_S:
            return
        self._vouched[layer] = self._clock.now()
        if self._waiting:
            self._news.set()

    def answered(self, state: HostState, url: ParsedUrl, took_s: float) -> None:
        """Note an answer, whatever it was: its host may be asked again when we doubt ourselves."""
        self._hosts.under_way.heard(state)
        self.vouch(Layer.ANSWERS, took_s)
        if state.registered_domain not in self._witnesses:
            origin = Origin(url.scheme, url.host, url.port)
            self._witnesses[state.registered_domain] = origin
            if len(self._witnesses) > _KEEP:
                del self._witnesses[next(iter(self._witnesses))]

    @property
    def network_is_away(self) -> bool:
        """Tell whether every visit has to wait."""
        return self._lasting is not None

    async def network_back(self) -> None:
        """Wait until no outage lasts. Raises StoppedError."""
        while self._lasting is not None:
            await self._hear(PATIENCE_S)

    async def blame(
        self, outcome: Outcome, registered_domain: str, began: float, *, in_hindsight: bool = False
    ) -> Blame:
        """Say whose a failure is that has just ended. Raises StoppedError, and nothing else.

        `in_hindsight` it may be laid at an outage that nobody noticed while it lasted.
        """
        failure = failure_of(outcome, registered_domain, began, self._clock.now())
        if failure is None:
            return Blame.HOST
        self._waiting.add(failure)
        try:
            blame = await self._judged(failure)
            if blame is Blame.HOST and in_hindsight and self._was_in_a_silence(failure):
                blame = Blame.OURS
        finally:
            self._waiting.discard(failure)
        self.suspects += blame is not Blame.HOST
        return blame

    @property
    def note(self) -> str:
        """What a person should know now: that the crawl waits for our own network, or nothing."""
        outage = self._lasting
        if outage is None:
            return ""
        return (
            f"waiting: no {outage.layer} on this machine's network since {self._wall(outage.began)}"
        )

    @property
    def told(self) -> tuple[str, ...]:
        """What happened, for the end of a crawl: a sentence for each outage."""
        spans = [
            f"this machine's network had no {outage.layer} from {self._wall(outage.began)}"
            + (f" to {self._wall(outage.ended)}" if outage.ended < math.inf else " on")
            for outage in self._outages
        ]
        if not self.suspects:
            return tuple(spans)
        return (*spans, f"{self.suspects:,} looks are suspect for that and do not count")

    async def close(self) -> None:
        """Close what witnesses were asked over."""
        if self._fetcher is not None:
            await self._fetcher.close()

    async def _judged(self, failure: Failure) -> Blame:
        while True:
            if self._is_covered(failure):
                return Blame.OURS
            if self._vouched[failure.layer] > failure.ended:
                self._unvouched.clear()
                self._earlier_silent, self._in_vain_at = 0, -math.inf
                return Blame.HOST
            # To a moment, not for what is left: the last bit of that may be too short for the clock.
            patient_until = failure.ended + PATIENCE_S
            if self._clock.now() < patient_until and not jumps(self._waiting):
                await self._hear(patient_until - self._clock.now())
            elif not await self._ask_witnesses(failure):
                return self._without_witnesses(failure)

    def _is_covered(self, failure: Failure) -> bool:
        return any(outage.covers(failure) for outage in self._outages)

    def _was_in_a_silence(self, failure: Failure) -> bool:
        """Look back for an outage that was over before it was noticed; remember it if there was."""
        now = self._clock.now()
        silences = self._hosts.under_way.silences()
        found = next((one for one in silences if one.explains(failure, now)), None)
        if found is None:
            return False
        self._remember(Outage(Layer.ANSWERS, found.began, found.ended))
        return True

    def _remember(self, outage: Outage) -> None:
        self._outages = [*self._outages[-_KEEP_OUTAGES:], outage]

    def _without_witnesses(self, failure: Failure) -> Blame:
        """Judge a failure that nobody can vouch for or against."""
        if failure.was_said:
            return Blame.HOST
        if self._earlier_silent >= JUMP_DOMAINS:
            return Blame.UNKNOWN
        if not jumps(self._unvouched):
            self._unvouched.add(failure)
        return Blame.UNKNOWN if jumps(self._unvouched) else Blame.HOST

    async def _ask_witnesses(self, failure: Failure) -> bool:
        """Vouch for a layer, or live through an outage; False with too few witnesses to tell."""
        layer = failure.layer
        async with self._asking:
            if self._vouched[layer] > failure.ended or self._is_covered(failure):
                return True
            answers = await self._ask_on(self._witnesses, failure, WITNESSES)
            if any(answers) or await self._earlier_answer(failure):
                self.vouch(layer, 0.0)
            elif len(answers) < ENOUGH_SILENT:
                return False
            else:
                await self._outlast(failure)
        return True

    async def _outlast(self, failure: Failure) -> None:
        """Hold every visit back until a witness answers again. Raises StoppedError."""
        outage = self._lasting = Outage(failure.layer, self._vouched[failure.layer])
        self._remember(outage)
        self._news.set()
        pause_s, ends_at = FIRST_PAUSE_S, self._clock.now() + MAX_OUTAGE_S
        while not await self._is_back(failure):
            if self._clock.now() > ends_at:
                self.gave_up = f"{self.note}, for {MAX_OUTAGE_S / 60:.0f} minutes"
                self._clock.stop()
            await self._clock.sleep_until(self._clock.now() + pause_s)
            pause_s = min(2 * pause_s, MAX_PAUSE_S)
        self._resolver.forget_failures()
        self.vouch(failure.layer, 0.0)
        outage.ended = self._clock.now()
        self._lasting = None
        self._news.set()

    async def _is_back(self, failure: Failure) -> bool:
        """Ask one witness of this crawl, and if need be one of an earlier worker."""
        for witnesses in (self._witnesses, self._earlier):
            if any(await self._ask(witnesses, failure, 1)):
                return True
        return False

    async def _earlier_answer(self, failure: Failure) -> bool:
        """Tell whether a host answers that answered an earlier worker; in vain not asked for a while."""
        if failure.ended < self._in_vain_at + MAX_PAUSE_S:
            return False
        answers = await self._ask_on(self._earlier, failure, JUMP_DOMAINS)
        self._earlier_silent = 0 if any(answers) else len(answers)
        self._in_vain_at = -math.inf if any(answers) else self._clock.now()
        return any(answers)

    async def _ask_on(
        self, witnesses: dict[str, Origin], failure: Failure, at_most: int
    ) -> list[bool]:
        """Ask a witness, and others when it does not answer."""
        answers = await self._ask(witnesses, failure, 1)
        if not any(answers):
            answers += await self._ask(witnesses, failure, at_most - 1)
        return answers

    async def _ask(self, witnesses: dict[str, Origin], failure: Failure, count: int) -> list[bool]:
        """Ask at most so many witnesses, those first that were not asked for longest."""
        chosen = [
            (domain, origin)
            for domain, origin in witnesses.items()
            if domain != failure.registered_domain and self._is_free(failure.layer, origin)
        ][:count]
        for domain, origin in chosen:
            witnesses[domain] = witnesses.pop(domain, origin)
        return await asyncio.gather(*(self._answers(failure.layer, origin) for _, origin in chosen))

    def _is_free(self, layer: Layer, origin: Origin) -> bool:
        """Tell whether a witness may be asked soon, and can speak for a layer."""
        if layer is Layer.NAMES and is_literal(origin.host):
            return False
        state = self._hosts.named(origin.host)
        return not state.lock.locked() and ready_at(state.known) < self._clock.now() + _READY_S

    async def _answers(self, layer: Layer, origin: Origin) -> bool:
        """Ask a witness, over a connection of its own. Raises StoppedError."""
        if layer is Layer.NAMES:
            return await self._resolver.finds_anew(origin.host)
        if self._asker is None:
            self._fetcher = self._outside.fetcher(self._options, self._resolver, keep_alive=False)
            self._asker = Asker(self._fetcher, self._hosts)
        url = robots_url(origin)
        ask = Ask(method="HEAD", url=url.wire_url, timeout_s=WITNESS_S)
        state = self._hosts.named(origin.host)
        answer = await self._asker.ask(state, url, ask)
        if answer.status is not None:
            self._hosts.under_way.heard(state)
        return answer.status is not None

    async def _hear(self, at_most_s: float) -> None:
        """Wait for news. Raises StoppedError."""
        self._news.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), at_most_s)
        if self._clock.stopping:
            raise StoppedError

    def _wall(self, moment: float) -> str:
        at = datetime.now(UTC) - timedelta(seconds=self._clock.now() - moment)
        return at.strftime("%Y-%m-%d %H:%M:%S UTC")
