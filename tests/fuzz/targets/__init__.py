"""What is fuzzed: each target takes any bytes and raises only where a promise is broken.

A target is added by adding a function and a line here.
"""

from collections.abc import Callable

from tests.fuzz.targets.answers import visit
from tests.fuzz.targets.bodies import body, media, robots
from tests.fuzz.targets.dns import dns
from tests.fuzz.targets.headers import headers, redirect
from tests.fuzz.targets.lists import parquet, rows
from tests.fuzz.targets.urls import url

TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (url, redirect, headers, body, media, robots, rows, parquet, visit, dns)
}
