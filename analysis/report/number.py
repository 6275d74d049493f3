"""The number of a report: short, readable on the telephone, the same whenever it is made anew.

Room: pure rules. Fifty bits of a digest in Crockford's base 32, which has no I, L, O and U.
"""

from collections.abc import Iterable
from hashlib import sha256

from analysis.report.model import Kind

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# What of run.toml stays the same over all rounds and tells one run from another.
_OF_THE_PLAN = ("planned_at", "options.sources", "options.sample", "options.seed")


def run_identity(facts: Iterable[tuple[str, str]]) -> str:
    """Return what a run is known by, out of the facts of its run.toml."""
    known = dict(facts)
    return "\n".join(f"{name}={known.get(name, '')}" for name in _OF_THE_PLAN)


def report_number(identity: str, level: str, place: str, round_: int, kind: Kind) -> str:
    """Return the number of a place's report in a round, as `SU-7K3Q9-D2MXA`."""
    said = "\0".join((identity, level, place, str(round_), kind.value))
    bits = int.from_bytes(sha256(said.encode("utf-8", "surrogatepass")).digest()) >> (256 - 50)
    digits = "".join(_DIGITS[bits >> shift & 31] for shift in range(45, -1, -5))
    return f"SU-{digits[:5]}-{digits[5:]}"
