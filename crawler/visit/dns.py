"""Names → addresses, once for as long as the answer lives, with the reason when there are none.

Room: network. Asks the name servers it was given, or the system's; never a hosts file, so that a
crawl sees the public name space and nothing of the machine's own. What every server says is weighed in
`look_up.py`; here it is remembered, and a name that several want at a time is asked for once.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

from crawler.dns_message import BadNameError
from crawler.name_memory import Said
from crawler.nameservers import Rate
from crawler.politeness import Policy
from crawler.system_nameservers import system_nameservers
from crawler.visit.failures import LookUpError, NameServersFailedError, NoSuchNameError
from crawler.visit.files import OutOfFilesError, when_there_are_files
from crawler.visit.look_up import NameServers

_KEEP = 50_000
_THIS_MACHINE = "127.0.0.1"
_AT_A_TIME = 64  # a name server that is asked for hundreds of names at once drops some
_ANEW_S = 1.0  # for each server

_BURST = 64  # questions at once: a crawl begins with many hosts
_DEFAULT_RATE = Rate(per_s=100.0, burst=_BURST)


@dataclass(frozen=True, slots=True)
class _Entry:
    said: Said
    asked_at: float
    expires_at: float


class Resolver:
    """A caching resolver. `nameservers` are `ip` or `ip:port`; none means the system's."""

    def __init__(
        self,
        nameservers: tuple[str, ...],
        timeout_s: float,
        found: Callable[[float], None] = lambda _took_s: None,
        *,
        rate: Rate = _DEFAULT_RATE,
    ) -> None:
        """`found` is told of every name that was found how many seconds it took."""
        self._found = found
        self._timeout_s = timeout_s
        self._rate = rate
        self._is_the_systems = not nameservers
        self._servers = NameServers(nameservers or system_nameservers(), rate)
        self._left: list[NameServers] = []
        self._turns = asyncio.Semaphore(_AT_A_TIME)
        self._cache: OrderedDict[str, _Entry] = OrderedDict()
        self._asking: dict[str, asyncio.Task[_Entry]] = {}

    async def addresses(self, host: str) -> tuple[str, ...]:
        """Return the host's IP addresses, IPv4 first. Raises LookUpError, OutOfFilesError."""
        if (literal := _literal(host)) is not None:
            return (literal,)
        entry = self._cache.get(host)
        if entry is None or entry.expires_at < time.monotonic():
            entry = await asyncio.shield(self._asked(host))
        if entry.said.failed:
            raise NameServersFailedError(entry.said.why, entry.asked_at)
        if entry.said.missing:
            raise NoSuchNameError(_no_such_name(entry.said), entry.asked_at)
        return entry.said.addresses

    async def foresee(self, host: str) -> None:
        """Look a name up that will be wanted soon; what comes of it is told to whoever wants it."""
        try:
            await self.addresses(host)
        except (LookUpError, OutOfFilesError):
            return  # the visit meets the same, or asks again where it is no longer remembered

    async def finds_anew(self, host: str) -> bool:
        """Ask for a name whatever is remembered of it; tell whether the first tries found it."""
        servers = self._servers
        said, _ = await servers.look_up(host, _ANEW_S * len(servers.names))
        return bool(said.addresses)

    def forget_failures(self) -> None:
        """Forget every name that was not found: the name servers were out of our reach."""
        for host in [host for host, one in self._cache.items() if not one.said.addresses]:
            del self._cache[host]

    @property
    def told(self) -> tuple[str, ...]:
        """What a person should know of the name servers: a sentence for each thing that was wrong."""
        return self._servers.told

    async def close(self) -> None:
        """Give back the sockets."""
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        for servers in (*self._left, self._servers):
            await servers.close()

    def _asked(self, host: str) -> "asyncio.Task[_Entry]":
        """Return the look-up of a name that is under way, a new one if there is none."""
        task = self._asking.get(host)
        if task is None:
            work = when_there_are_files(lambda: self._ask(host))
            task = self._asking[host] = asyncio.get_running_loop().create_task(work)
            task.add_done_callback(lambda done: self._keep(host, done))
        return task

    async def _ask(self, host: str) -> _Entry:
        if f".{host.removesuffix('.')}".endswith(".onion"):  # RFC 7686, 2
            return _Entry(Said(missing=True, why="is of no public name"), time.monotonic(), 0.0)
        async with self._turns:
            began, waited_s = time.monotonic(), 0.0
            try:
                said, waited_s = await self._servers.look_up(host, self._timeout_s)
            except BadNameError:
                said = Said(missing=True, why="can be no host's")
        now = time.monotonic()
        if said.addresses:
            self._found(now - began - waited_s)
        elif said.failed and self._is_the_systems:
            self._follow_the_system()
        return _Entry(said, began, now + said.lives_s)

    def _follow_the_system(self) -> None:
        """Ask other name servers from now on where the machine has been set to others."""
        names = system_nameservers()
        if names != self._servers.names:
            self._left.append(self._servers)  # some look-ups may still wait for these
            self._servers = NameServers(names, self._rate)

    def _keep(self, host: str, done: "asyncio.Task[_Entry]") -> None:
        del self._asking[host]
        if done.cancelled() or done.exception() is not None:
            return
        self._cache[host] = done.result()
        self._cache.move_to_end(host)
        if len(self._cache) > _KEEP:
            self._cache.popitem(last=False)


def dns_rate(policy: Policy) -> Rate:
    """Return how often a policy lets one name server be asked."""
    return Rate(policy.name_questions_per_s, _BURST)


def _no_such_name(said: Said) -> str:
    return f"no such name, {said.why}" if said.why else "no such name"


def is_literal(host: str) -> bool:
    """Tell whether a host is an IP address and no name."""
    return _literal(host) is not None


def _literal(host: str) -> str | None:
    """Return the address that a host name spells out, or None for a name.

    `localhost` and names under it are this machine, whatever a name server says (RFC 6761, 6.3).
    """
    if f".{host.removesuffix('.')}".endswith(".localhost"):
        return _THIS_MACHINE
    if not host[-1:].isdigit() and ":" not in host:
        return None
    try:
        return str(ip_address(host.strip("[]")))
    except ValueError:
        return None
