"""A labelled web: ordinary sites, sites that look guilty, and sixty that leak, made by seed.

`innocents.py` and `leaks.py` make the places, `captions.toml` and `captions.py` are what they
write, `people.py` invents the people in it. `strangers.py` has leaks that nothing was tuned on.
`written.py` writes a world as a run, through the real plan and the real writer of segments.
"""

import random

from tests.internet.world import strangers
from tests.internet.world.innocents import LOOK_ALIKES, alike, ordinary
from tests.internet.world.leaks import LEAKS, leaking
from tests.internet.world.place import Place, WorldLink

__all__ = ["Place", "WorldLink", "make_world"]


def make_world(seed: int, *, strange: bool = False) -> list[Place]:
    """Return every place of the world of a seed; `strange`: with other leaks and look-alikes."""
    rng = random.Random(seed)
    leaks, alikes = (strangers.LEAKS, strangers.LOOK_ALIKES) if strange else (LEAKS, LOOK_ALIKES)
    return [*ordinary(rng), *alike(rng, alikes), *leaking(rng, leaks)]
