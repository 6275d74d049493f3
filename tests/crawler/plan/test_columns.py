"""Columns are recognised by name and content, in the lists that people have."""

from collections.abc import Sequence

import pytest

from crawler.plan.columns import Columns, choose, has_header
from crawler.records.errors import WrongUse

URL = "https://a.example/1.jpg"
SHA256 = "ab" * 32
MD5 = "cd" * 16


def roles(
    names: list[str],
    row: Sequence[object],
    url_column: str | None = None,
    caption_column: str | None = None,
) -> dict[str, str]:
    """Return what each recognised column is called, the URL's too."""
    found = choose(names, [row, row], url_column=url_column, caption_column=caption_column)
    return {"url": names[found.url], **found.named_roles}


@pytest.mark.parametrize(
    ("names", "row", "expected"),
    [
        (
            ["SAMPLE_ID", "URL", "TEXT", "HEIGHT", "WIDTH", "LICENSE", "NSFW", "similarity", "hash"],
            [1.0, URL, "a cat", 10, 20, "?", "UNLIKELY", 0.3, 123456789],
            {"url": "URL", "caption": "TEXT", "width": "WIDTH", "height": "HEIGHT"},
        ),
        (
            ["url", "text", "width", "height", "image_phash", "text_length", "num_faces"],
            [URL, "a cat", 20, 10, "a1f58e3b8a4d5f1c", 5, 0],
            {
                "url": "url", "caption": "text", "width": "width", "height": "height",
                "expected_phash": "image_phash",
            },
        ),
        (
            ["uid", "url", "text", "original_width", "original_height", "sha256"],
            ["x", URL, "a cat", 20, 10, SHA256],
            {
                "url": "url", "caption": "text", "width": "original_width",
                "height": "original_height", "expected_sha256": "sha256",
            },
        ),
        (
            ["caption", "url", "key", "status", "width", "height", "original_width",
             "original_height", "exif", "md5"],
            ["a cat", URL, "000", "success", 256, 256, 20, 10, "{}", MD5],
            {
                "url": "url", "caption": "caption", "width": "original_width",
                "height": "original_height", "expected_md5": "md5",
            },
        ),
        (["", "image_url", "page_url", "label"], ["7", URL, URL, "0"], {"url": "image_url"}),
        (["url", "hash"], [URL, SHA256], {"url": "url", "expected_sha256": "hash"}),
        (["url", "hash"], [URL, MD5], {"url": "url", "expected_md5": "hash"}),
        (["url", "sha256"], [URL, "not a digest"], {"url": "url"}),
        (["url", "where"], ["7", URL], {"url": "where"}),
    ],
)  # fmt: skip
def test_known_lists(names: list[str], row: list[object], expected: dict[str, str]) -> None:
    """LAION, COYO, DataComp, img2dataset and others; `hash` is a digest only if it looks like one."""
    assert roles(names, row) == expected


def test_overrides() -> None:
    """A column may be named, in any case, or counted from 0; a wrong one is told."""
    names, row = ["page", "url", "text", "alt"], [URL, URL, "a cat", "cat"]
    assert roles(names, row, url_column="PAGE")["url"] == "page"
    assert roles(names, row, url_column="0", caption_column="3") == {
        "url": "page",
        "caption": "alt",
    }
    with pytest.raises(WrongUse, match="--url-column 9: no such column"):
        choose(names, [row], url_column="9")
    with pytest.raises(WrongUse, match="--caption-column nope"):
        choose(names, [row], caption_column="nope")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["caption", "url"], ["a cat", URL]], True),
        ([["URL"], [URL]], True),
        ([["what", "where"], ["a cat", URL]], True),
        ([["a cat", URL], ["a dog", URL]], False),
        ([[URL, "a cat"]], False),
        ([["a cat", "data:image/png;base64,A"], ["a dog", URL]], False),
        ([["a cat", ""], ["a dog", URL]], False),
        ([["a cat", "a dog"]], False),
        ([], False),
    ],
)
def test_headers_are_told_from_rows(rows: list[list[str]], expected: bool) -> None:
    """A first row is a header when it names a URL column, or could not be a row of the rest."""
    assert has_header(rows) is expected


def test_headerless_captions_are_found() -> None:
    """CC3M is caption, URL; CC12M is URL, caption; neither has a header."""
    names = ["column_0", "column_1"]
    assert roles(names, ["a cat on a mat", URL]) == {"url": "column_1", "caption": "column_0"}
    assert roles(names, [URL, "a cat on a mat"]) == {"url": "column_0", "caption": "column_1"}


def test_other_columns_have_no_role() -> None:
    """What is left goes to `extra`."""
    assert Columns(("a", "url", "b"), 1, "by its name", (("caption", 0),)).others == (2,)
