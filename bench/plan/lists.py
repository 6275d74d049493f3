"""Lists of any number of rows, like LAION's in their columns and in the skew of their hosts.

Made-up rows: not one of LAION's is in them. How often a host comes is Zipf-Mandelbrot, fitted to
the 14,674 hosts of 40,462 rows of LAION samples (CC-BY-4.0 metadata): with s = 1.12, q = 3 and
10 million hosts, as many rows of it have 15,166 hosts, 12,668 of them once (found: 12,056), and
the first, ten, hundred and thousand hosts have 3.6, 17.9, 40.1 and 59.2 % (found: 3.6, 17.2, 38.6
and 60.9 %). Three million hosts and s = 1.11 fit as well; more hosts are the harder case.
"""

from pathlib import Path

import duckdb

EXPONENT, SHIFT, HOSTS = 1.12, 3.0, 10_000_000
# Assumed: every twentieth row names a URL again; one in fifty is no plain URL (CC3M: one in 1,000).
REPEATED_PER_MILLE = 50
ODD_PER_MILLE = 20
FILE_ROWS = 5_000_000
_NAMES = (
    "garden", "summer", "picture", "the", "of", "black", "photography", "wedding", "vector", "and",
    "house", "in", "product", "with", "modern", "kitchen", "green", "art", "for", "woman",
    "illustration", "a", "set", "travel", "on", "vintage", "car", "music", "design", "winter",
)  # fmt: skip
_SENTENCE = "the quick brown fox jumps over the lazy dog beside a bank of the river "
_SUFFIXES = (
    ".com", ".com", ".com", ".com", ".com", ".org", ".net", ".de", ".co.uk", ".com.au", ".ru",
    ".blogspot.com", ".fr", ".com.br", ".co.jp", ".it", ".photography",
)  # fmt: skip
_ODD = (
    "https://HOST/bilder/größe-NUMBER.jpg", "https://HOST/my pictures/NUMBER (1).jpg",
    "http://HOST:8080/NUMBER.jpg", "https://HOST/a/../NUMBER.jpg#top", "HTTP://WWW.HOST/NUMBER.JPG",
    "https://HOST/it's-'NUMBER'.png", "//HOST/NUMBER.jpg", "https://HOST/.thumbs/NUMBER.webp",
    "https://müller-NUMBER.de/bild.jpg", "http://203.0.113.7/NUMBER.gif", "data:image/png;NUMBER",
)  # fmt: skip


def write(folder: Path, rows: int) -> int:
    """Write a list of so many rows as Parquet files into a new folder; return its bytes."""
    folder.mkdir(parents=True)
    query = Path(__file__).with_name("lists.sql").read_text(encoding="utf-8")
    with duckdb.connect() as con:
        for number, first_row in enumerate(range(0, rows, FILE_ROWS)):
            made = con.sql(query, params=_parameters(first_row, min(FILE_ROWS, rows - first_row)))
            made.write_parquet(str(folder / f"part-{number:05d}.parquet"), compression="snappy")
    return sum(file.stat().st_size for file in folder.iterdir())


def _parameters(first_row: int, rows: int) -> dict[str, object]:
    return {
        "first_row": first_row, "rows": rows, "s": EXPONENT, "q": SHIFT, "hosts": HOSTS,
        "repeated_per_mille": REPEATED_PER_MILLE, "odd_per_mille": ODD_PER_MILLE,
        "names": list(_NAMES), "sentence": _SENTENCE, "suffixes": list(_SUFFIXES), "odd": list(_ODD),
    }  # fmt: skip
