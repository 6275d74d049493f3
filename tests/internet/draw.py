"""Chance that is the same every time: drawn from a hash of what it is drawn for.

Room: pure rules.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def fraction(purpose: str, subject: str) -> float:
    """Return a number in [0, 1) that is always the same for this purpose and subject."""
    digest = blake2b(f"{purpose}\0{subject}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def one_of(options: Sequence[T], purpose: str, subject: str) -> T:
    """Return one of `options`, each as likely as the others."""
    return options[int(fraction(purpose, subject) * len(options))]


def weighted(options: Sequence[tuple[T, float]], purpose: str, subject: str) -> T:
    """Return one of `options`, which come with their weights."""
    left = fraction(purpose, subject) * sum(weight for _, weight in options)
    for option, weight in options:
        left -= weight
        if left < 0:
            return option
    return options[-1][0]
