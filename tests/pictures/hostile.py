"""Pictures that are meant to hurt whoever decodes them, and a decoder that dies of one.

Room: disk.
"""

import struct
import zlib
from pathlib import Path

# What Python itself imports first in a child whose PYTHONPATH names its folder. It stands in for a
# fault of a C library, which no picture that we may carry has.
_DIES = """
import os, signal
from PIL import Image

def crash(*_, **__):
    os.kill(os.getpid(), signal.SIGSEGV)

Image.open = crash
"""


def huge_png(width: int, height: int) -> bytes:
    """Return a PNG of one colour: some kilobytes that want gigabytes."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(1_000_000))),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def dying_decoder(folder: Path) -> str:
    """Write a decoder that crashes at every picture; return the PYTHONPATH that brings it in."""
    (folder / "sitecustomize.py").write_text(_DIES)
    return str(folder)
