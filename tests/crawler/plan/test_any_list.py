"""A whole plan of lists that nobody would write: no row gets lost on the way to `dataset_rows`."""

from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.visit.codings import zstd
from tests.crawler.plan.planned import planned

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow

NAMES = st.sampled_from(["a.txt", "a.tsv", "a.csv", "a.jsonl", "a.txt.zst", "a.csv.zst"])
LINE = st.binary(max_size=60) | st.sampled_from([
    b"", b'"', b"\xff\x00", b"http://a.example/x", b"HTTP://A.EXAMPLE/x#y", b"http://b\xe9.example/",
    b'{"url": 5}', b'{"url": "http://a.example/x"}', b"data:,x", b"x,\thttp://a.example/y",
])  # fmt: skip
LISTS = st.lists(st.tuples(NAMES, st.lists(LINE, max_size=20)), min_size=15, max_size=30)


@settings(max_examples=2)
@given(lists=LISTS)
def test_every_row_of_any_list_is_in_the_run(
    tmp_path_factory: pytest.TempPathFactory, lists: list[tuple[str, list[bytes]]]
) -> None:
    """Rows of any bytes, in any format, are numbered without a gap, and each has its link."""
    folder = tmp_path_factory.mktemp("lists")
    files = [_written(folder / str(at), name, lines) for at, (name, lines) in enumerate(lists)]
    made = planned(folder / "run", *files)
    rows = defaultdict(list)
    for row in made.rows:
        rows[row["source"]].append(row["source_row"])
    for source in made.plan.staged.sources:
        assert sorted(rows[source.file.name]) == list(range(source.rows))
    for file, (name, lines) in zip(files, lists, strict=True):
        expected = sum(line.count(b"\n") + 1 for line in lines) + 2
        if not name.startswith("a.csv"):  # where a quoted cell may join lines
            assert len(rows[str(file)]) == expected
        assert 1 <= len(rows[str(file)]) <= expected


def _written(folder: Path, name: str, lines: list[bytes]) -> Path:
    """Write a list of these lines between two good ones."""
    good = b'{"url": "http://a.example/%d"}' if "jsonl" in name else b"http://a.example/%d"
    content = b"\n".join([good % 1, *lines, good % 2])
    folder.mkdir()
    (folder / name).write_bytes(zstd.compress(content) if name.endswith(".zst") else content)
    return folder / name
