"""Hosts that misbehave, each in its own way: one small class a behaviour, in one registry.

To add one: write a class with a docstring into the file of its kind, decorate it with
`@registered`, and say what must come of it in `expects`.
"""

from tests.internet.behaviours import (
    bodies,
    codings,
    connections,
    contents,
    encodings,
    error_pages,
    framings,
    heads,
    locations,
    methods,
    names,
    pace,
    redirects,
    robots,
    rules,
    statuses,
    tls,
    validators,
)
from tests.internet.behaviours.behaviour import BEHAVIOURS, EXPECTED_UNDER, Behaviour, Expectation

KINDS = (
    statuses,
    error_pages,
    heads,
    redirects,
    locations,
    connections,
    framings,
    bodies,
    contents,
    encodings,
    codings,
    methods,
    names,
    tls,
    robots,
    rules,
    pace,
    validators,
)

__all__ = ["BEHAVIOURS", "EXPECTED_UNDER", "KINDS", "Behaviour", "Expectation"]
