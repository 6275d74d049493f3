"""Every format, packed or not: each row of the dataset is accounted for, whatever is in it."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.plan.formats import READERS, lines
from crawler.plan.formats import delimited as csv_files
from crawler.plan.formats.batch import ReadOptions
from crawler.plan.rows import staged
from crawler.plan.sources import find
from crawler.records.errors import RunFailed, WrongUse
from crawler.urls import as_text
from crawler.visit.codings import zstd
from tests.crawler.plan.planned import planned

URLS = [f"http://host{at % 3}.example/{at}.jpg" for at in range(7)]
CAPTIONS = [f"picture number {at}" for at in range(7)]


def parquet(urls: list[str], captions: list[str]) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"TEXT": captions, "URL": urls}), sink)
    return bytes(sink.getvalue())


def delimited(delimiter: str, header: str = "") -> Callable[[list[str], list[str]], bytes]:
    def write(urls: list[str], captions: list[str]) -> bytes:
        rows = [delimiter.join(row) for row in zip(captions, urls, strict=True)]
        return "\n".join([*header.splitlines(), *rows]).encode()

    return write


def jsonl(urls: list[str], captions: list[str]) -> bytes:
    rows = [{"caption": c, "url": u} for c, u in zip(captions, urls, strict=True)]
    return "".join(json.dumps(row) + "\r\n" for row in rows).encode()


def text(urls: list[str], captions: list[str]) -> bytes:
    return ("\ufeff" + "\n".join(urls)).encode()


WRITERS: dict[str, Callable[[list[str], list[str]], bytes]] = {
    "a.parquet": parquet,
    "a.csv": delimited(",", "caption,url"),
    "bare.csv": delimited(","),
    "semicolon.csv": delimited(";", "caption;url"),
    "a.tsv": delimited("\t", "caption\turl"),
    "bare.tsv": delimited("\t"),
    "a.jsonl": jsonl,
    "a.txt": text,
}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".zst": zstd.compress,
}


@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_links(tmp_path: Path, name: str, packing: str) -> None:
    """The same list in any format, with or without header, packed or not, is the same plan."""
    file = tmp_path / (name + packing)
    file.write_bytes(PACKERS[packing](WRITERS[name](URLS, CAPTIONS)))
    made = planned(tmp_path / "run", file)
    found = [made.link_of_row[str(file), at] for at in range(len(URLS))]
    assert [link["url"] for link in found] == URLS
    assert [link["source_row"] for link in made.rows] == list(range(len(URLS)))
    if name != "a.txt":
        assert [link["caption"] for link in found] == CAPTIONS


@pytest.mark.parametrize("name", ["a.parquet", "a.csv.gz", "a.jsonl.zst", "a.parquet.gz"])
def test_truncated_file_stops_the_plan(tmp_path: Path, name: str) -> None:
    """A file that ends early is never taken for a shorter one: one line names it, nothing stays."""
    plain, _, packing = name.partition(".")[2].partition(".")
    whole = PACKERS["." + packing if packing else ""](WRITERS["a." + plain](URLS, CAPTIONS))
    file = tmp_path / name
    file.write_bytes(whole[:-9])
    with pytest.raises(RunFailed, match=f"{name} cannot be read to its end") as caught:
        planned(tmp_path / "run", file)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "run").exists()


CELL = st.text(max_size=20) | st.sampled_from(["", "http://a.example/x", "data:,", "&amp;", "["])


def staged_rows(file: Path) -> list[dict[str, Any]]:
    """Return the staged rows of one file."""
    (source,) = find([str(file)]).files
    batches = READERS[source.format](source, ReadOptions())
    tables = [staged(batch) for some in batches for batch in some.read()]
    return [row for table in tables for row in table.to_pylist()]


@given(cells=st.lists(CELL | st.none(), min_size=1, max_size=30))
def test_any_parquet_cell_is_a_row(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str | None]
) -> None:
    """Any text or null in a Parquet column is a row of its own, kept as it was written."""
    file = tmp_path_factory.mktemp("plan") / "a.parquet"
    pq.write_table(pa.table({"url": pa.array(cells, pa.string())}), file)
    rows = staged_rows(file)
    assert [row["url"] for row in rows] == [cell or "" for cell in cells]
    assert all((row["host"] is None) == bool(row["invalid_reason"]) for row in rows)


@given(
    content=st.binary(max_size=200), name=st.sampled_from(["a.txt", "a.tsv", "a.csv", "a.jsonl"])
)
@example(content=b'"', name="a.csv")
@example(content=b"\x00\t\xff\r", name="a.tsv")
def test_any_bytes_are_rows(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    """Whatever bytes stand between two good rows, every line of them is a row."""
    file = tmp_path_factory.mktemp("plan") / name
    row = b'{"url": "http://a.example/%d"}' if name == "a.jsonl" else b"http://a.example/%d"
    file.write_bytes(b"\n".join([row % 1, content, row % 2]) + b"\n")
    rows = staged_rows(file)
    assert rows[0]["url"] == "http://a.example/1"
    if name != "a.csv":  # where a quoted cell may join lines
        assert len(rows) == content.count(b"\n") + 3
    if b'"' not in content:
        assert rows[-1]["url"] == "http://a.example/2"


def test_tsv_has_no_quotes(tmp_path: Path) -> None:
    """A stray quote in a TSV, as CC3M has them, is a character and swallows no row."""
    file = tmp_path / "a.tsv"
    file.write_text(
        'a "fine" day\thttp://a.example/1\n"never closed\thttp://a.example/2\n5" pipe\thttp://a.example/3'
    )
    made = planned(tmp_path / "run", file)
    captions = [made.link_of_row[str(file), at]["caption"] for at in range(3)]
    assert captions == ['a "fine" day', '"never closed', '5" pipe']


def test_csv_quotes(tmp_path: Path) -> None:
    """Quoted cells may hold commas and line ends; a quote that is never closed costs one row."""
    file = tmp_path / "a.csv"
    file.write_text(
        'url,caption\nhttp://a.example/1,"two\nlines, one row"\n'
        'http://a.example/2,"never closed\nhttp://a.example/3,5" pipe\nhttp://a.example/4,"d ""q"""\n'
    )
    made = planned(tmp_path / "run", file)
    found = [made.link_of_row[str(file), at] for at in range(4)]
    assert [link["url"][-1] for link in found] == ["1", "2", "3", "4"]
    assert [link["caption"] for link in found] == [
        "two\nlines, one row", '"never closed', '5" pipe', 'd "q"',
    ]  # fmt: skip


def test_a_quote_does_not_run_away_with_long_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a quoted cell goes on after so many characters, no more is held: it costs its own row."""
    file = tmp_path / "a.csv"
    long = "x" * 40
    file.write_text(
        f'url,caption\nhttp://a.example/1,"{long}\n{long}"\nhttp://a.example/2,"never\n'
        f'http://a.example/3,{long}\nhttp://a.example/4,{long}\nhttp://a.example/5,"\n'
    )
    monkeypatch.setattr(csv_files, "MAX_CELL_CHARS", 100)
    rows = staged_rows(file)
    assert [row["url"][-1] for row in rows] == ["1", "2", "3", "4", "5"]
    assert rows[0]["caption"] == f"{long}\n{long}"


def test_what_is_looked_at_before_the_first_row_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long rows are handed on before a thousand of them were taken for recognition."""
    file = tmp_path / "a.csv"
    file.write_text("url,caption\n" + "".join(f"http://a.example/{n},{n:050}\n" for n in range(90)))
    monkeypatch.setattr(csv_files, "BATCH_BYTES", 500)
    (source,) = find([str(file)]).files
    read = csv_files.read_csv(source, ReadOptions())
    sizes = [len(batch.urls) for batch in read]
    assert (sum(sizes), max(sizes)) == (90, 8)


@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.jsonl"])
def test_a_line_without_end_ends_the_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A line that is longer than any row is named, with its file, however the file goes on."""
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 1000)
    file = tmp_path / name
    for end in ("", "\nhttp://a.example/2\n"):
        file.write_text(f'http://a.example/1\n"{"x" * 1000}{end}')
        with pytest.raises(RunFailed, match=rf"{name} cannot be read to its end: line 2 is longer"):
            planned(tmp_path / "run", file)


def test_ragged_rows(tmp_path: Path) -> None:
    """A row with too many cells, or none for the URL, is unreadable and kept as it was written."""
    file = tmp_path / "a.csv"
    file.write_text("caption,url\nok,http://a.example/1\na, b,http://a.example/2\nalone\n\nok,,\n")
    made = planned(tmp_path / "run", file)
    found = [made.link_of_row[str(file), at] for at in range(5)]
    assert [link["invalid_reason"] for link in found] == [
        None, "unreadable", "unreadable", "missing", "missing",
    ]  # fmt: skip
    assert found[1]["url"] == "a, b,http://a.example/2"
    assert made.plan.staged.refused["unreadable"] == (2, "a, b,http://a.example/2")


def test_one_column_csv_may_hold_commas(tmp_path: Path) -> None:
    """In a file of one column a comma is part of the URL."""
    file = tmp_path / "a.csv"
    file.write_text("url\nhttp://a.example/1,2.jpg\n")
    made = planned(tmp_path / "run", file)
    assert made.links[0]["wire_url"] == "http://a.example/1,2.jpg"


def test_mixed_json_lines(tmp_path: Path) -> None:
    """A broken line, a line that is no object and a URL that is no text are rows with a reason."""
    lines = [
        b'{"url": "http://a.example/1", "n": 1, "caption": 5}',
        b'{"url": 7}',
        b'{"url": null, "n": NaN}',
        b'{"caption": "no url", "n": "text"}',
        b'{"url": "http://a.example/',
        b'["http://a.example/2"]',
        b'{"url": ["http://a.example/3"]}',
        b'{"url": "http://a.example/caf\xe9"}',
        b'{"url": "http://a.example/\\ud800"}',
        b'{"url": "http://a.example/4", "n": NaN}',
        b"",
    ]
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"\n".join(lines) + b"\n")
    made = planned(tmp_path / "run", file)
    found = [made.link_of_row[str(file), at] for at in range(len(lines))]
    assert [link["invalid_reason"] for link in found] == [
        None, "not_text", "missing", "missing", "unreadable", "unreadable", "not_text",
        "not_utf8", "not_utf8", None, "missing",
    ]  # fmt: skip
    assert (found[0]["caption"], found[0]["extra"]) == ("5", '{"n":1}')
    assert found[9]["extra"] == '{"n":null}'
    assert found[7]["url"] == as_text("http://a.example/caf\udce9")


def test_odd_lines(tmp_path: Path) -> None:
    """NUL, CRLF, invalid UTF-8, very long cells and empty lines are rows of a plain text list."""
    long = b"data:image/png;base64," + b"A" * 3_000_000
    lines = [b"http://a.example/\x00x", b"caf\xe9", b"http://caf\xe9.example/", b"", long, b" \t"]
    file = tmp_path / "a.txt"
    file.write_bytes(b"\r\n".join(lines))
    made = planned(tmp_path / "run", file)
    found = [made.link_of_row[str(file), at] for at in range(len(lines))]
    assert [link["invalid_reason"] for link in found] == [
        None, "not_utf8", "not_utf8", "missing", "scheme", "missing",
    ]  # fmt: skip
    assert found[0]["wire_url"] == "http://a.example/%00x"
    assert found[4]["url"] == long.decode()


def test_parquet_of_other_types(tmp_path: Path) -> None:
    """URLs as bytes, in a dictionary or as numbers are settled row by row."""
    urls = ["http://a.example/1", None, "http://a.example/2"]
    columns = {
        "binary": pa.array([b"http://a.example/1", None, b"http://a.example/\xff"], pa.binary()),
        "large": pa.array(urls, pa.large_string()),
        "view": pa.array(urls, pa.string_view()),
        "dictionary": pa.array(urls).dictionary_encode(),
        "number": pa.array([1, None, 3], pa.int64()),
        "list": pa.array([urls, None, []], pa.list_(pa.string())),
    }
    reasons = {}
    for name, column in columns.items():
        file = tmp_path / f"{name}.parquet"
        pq.write_table(pa.table({"url": column}), file)
        made = planned(tmp_path / name, file)
        found = [made.link_of_row[str(file), at] for at in range(3)]
        reasons[name] = [link["invalid_reason"] for link in found]
    assert reasons == {
        "binary": [None, "missing", "not_utf8"],
        "large": [None, "missing", None],
        "view": [None, "missing", None],
        "dictionary": [None, "missing", None],
        "number": ["no_scheme", "missing", "no_scheme"],
        "list": ["no_scheme", "missing", "no_scheme"],
    }


def test_utf16_is_told(tmp_path: Path) -> None:
    """A UTF-16 list is refused with what to do about it, not read as nonsense."""
    file = tmp_path / "a.txt"
    file.write_text("http://a.example/1\n", encoding="utf-16")
    with pytest.raises(RunFailed, match="UTF-16"):
        planned(tmp_path / "run", file)


def test_no_url_column_is_told(tmp_path: Path) -> None:
    """A file without URLs is refused with its columns and the option that names one."""
    file = tmp_path / "a.csv"
    file.write_text("colour,size\nred,5\nblue,6\n")
    with pytest.raises(
        WrongUse, match=r"no column holds URLs \(columns: .*\); name it with --url-column"
    ):
        planned(tmp_path / "run", file)


def test_moments_that_python_cannot_hold(tmp_path: Path) -> None:
    """A date after the year 9999, an endless span or a made-up time zone costs no row, and no plan."""
    columns = {
        "url": ["http://a.example/1", "http://a.example/2"],
        "seen": pa.array([2**62, 0], pa.timestamp("us")),
        "took": pa.array([2**62, None], pa.duration("ms")),
        "zone": pa.array([0, 1], pa.timestamp("us", tz="Nowhere/At_All")),
        "list": pa.array([[2**62], [0]], pa.list_(pa.timestamp("us"))),
    }
    file = tmp_path / "a.parquet"
    pq.write_table(pa.table(columns), file)
    made = planned(tmp_path / "run", file)
    extras = [json.loads(made.link_of_row[str(file), at]["extra"]) for at in range(2)]
    assert (extras[0]["seen"], extras[0]["took"]) == (2**62, 2**62)
    assert extras[0]["list"] is None
    assert extras[1]["seen"].startswith("1970-01-01")
    assert extras[1]["list"] == ["1970-01-01T00:00:00"]
