"""What name servers say of one name, together: whose answer counts, and who was wrong.

Room: pure rules. "No such name" settles a whole host, so a second server is asked before it counts;
an address that many unrelated names share is believed when another server gives it as well.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crawler.name_memory import Said
from crawler.nameservers import (
    Standing,
    caught,
    denied,
    found,
    may_stand_alone,
    outdone,
    said_no,
)


@dataclass(frozen=True, slots=True)
class Opinions:
    """What was said of a name so far, by the server's number, the first one first.

    `silent` have had their time; in `shared` are those whose address is that of many other names.
    """

    said: Mapping[int, Said] = field(default_factory=dict)
    silent: Collection[int] = ()
    shared: Collection[int] = ()

    def settled(self, standings: Sequence[Standing], now: float) -> Said | None:
        """Return what counts, None as long as somebody else is to be asked."""
        everybody = len({*self.said, *self.silent}) == len(standings)
        good = [one for one in self._found(standings) if everybody or not self._waits(one)]
        if good:
            return self.said[min(good, key=self._is_odd)]
        denying = [one for one, said in self.said.items() if said.missing]
        if len(denying) > 1:
            return replace(self.said[denying[0]], why=f"say {len(denying)} name servers")
        if denying and may_stand_alone(denying[0], standings, self._worthless(standings), now):
            why = "" if len(standings) == 1 else "says one name server, and no other one answers"
            return replace(self.said[denying[0]], why=why)
        if not everybody:
            return None
        return Said(why=self._why(denying))

    def judged(self, standings: Sequence[Standing], counts: Said, now: float) -> list[Standing]:
        """Return how the servers stand after a name that was settled so."""
        after = list(standings)
        for one, said in self.said.items():
            if said.addresses and self._is_odd(one):
                after[one] = caught(after[one], said.addresses)
            elif said.addresses and standings[one].is_believed(said.addresses):
                after[one] = found(after[one])
            elif said.missing:
                wrong = bool(counts.addresses)
                after[one] = denied(after[one], now) if wrong else said_no(after[one])
        if not counts.failed:
            for one in self._mute():
                after[one] = outdone(after[one], now)
        return after

    def _found(self, standings: Sequence[Standing]) -> list[int]:
        return [
            one
            for one, said in self.said.items()
            if said.addresses and standings[one].is_believed(said.addresses)
        ]

    def _mute(self) -> list[int]:
        """Return those that had nothing to say: in time, or of this name."""
        return [*self.silent, *(one for one, said in self.said.items() if said.failed)]

    def _worthless(self, standings: Sequence[Standing]) -> list[int]:
        """Return those whose answer, if there is one, is what they say of every name."""
        believed = self._found(standings)
        lying = [one for one, said in self.said.items() if said.addresses and one not in believed]
        return [*self._mute(), *lying]

    def _waits(self, one: int) -> bool:
        """Tell whether an address of many names waits for what another server says."""
        return one in self.shared and not any(
            not said.failed for other, said in self.said.items() if other != one
        )

    def _is_odd(self, one: int) -> bool:
        """Tell whether an address of many names is not what another server says."""
        others = [said for other, said in self.said.items() if other != one and not said.failed]
        mine = set(self.said[one].addresses)
        return (
            one in self.shared
            and bool(others)
            and all(mine.isdisjoint(said.addresses) for said in others)
        )

    def _why(self, denying: Sequence[int]) -> str:
        lying = [said for one, said in self.said.items() if said.addresses]
        if denying:
            return "one name server says that there is no such name, and nobody says so as well"
        if lying:
            return f"the name server gives {lying[0].addresses[0]} for names that nobody has"
        failed = [said.why for said in self.said.values() if said.failed]
        return f"the name server {failed[0]}" if failed else "no name server answered in time"
