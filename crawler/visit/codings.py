"""Zstandard from wherever this Python has it: the standard library from 3.14 on, its backport before.

Room: network.
"""

import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["zstd"]
