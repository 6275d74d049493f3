"""Hosts that misbehave, each in its own way: one small class a behaviour, in one registry.

To add one: write a class with a docstring into the file of its kind, decorate it with
`@registered`, and say what must come of it in `expects`.
"""

from tests.internet.behaviours import (
    bodies,
    connections,
    encodings,
    methods,
    names,
    pace,
    redirects,
    robots,
    statuses,
    tls,
)
from tests.internet.behaviours.behaviour import BEHAVIOURS, EXPECTED_UNDER, Behaviour, Expectation

KINDS = (statuses, redirects, connections, bodies, encodings, methods, names, tls, robots, pace)

__all__ = ["BEHAVIOURS", "EXPECTED_UNDER", "KINDS", "Behaviour", "Expectation"]
