"""Hash lists as the exchanges write them, and as nobody should."""

import base64
import csv
import gzip
import hashlib
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.hash_lists.entry import Kind
from analysis.hash_lists.gathered import DUPLICATE, HashList
from analysis.hash_lists.judge import AMBIGUOUS, BLANK_PDQ, is_blank_pdq
from analysis.hash_lists.read import name_of, read_list
from crawler.records.errors import RunFailed, WrongUse

# Of the bridge in ThreatExchange's PDQ tests.
PDQ = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"
OTHER_PDQ = "2afc4a5c09628a7961c14d436493bba66b89b831453baa1d556ba385554daa82"
SHA256 = hashlib.sha256(b"a picture").hexdigest()
MD5 = hashlib.md5(b"a picture", usedforsecurity=False).hexdigest()


def read(folder: Path, content: str | bytes, kind: Kind | None = None) -> HashList:
    path = folder / "the list.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_list(path, kind)


def hashes(found: HashList) -> dict[str, list[str]]:
    return {
        kind.value: sorted(row.tobytes().hex() for row in packed.digests)
        for kind, packed in found.packed.items()
        if len(packed)
    }


def labels(found: HashList) -> set[tuple[str, str | None]]:
    return {(label.list_name, label.category) for label in found.labels}


THREAT_EXCHANGE: dict[str, Any] = {
    "data": [
        {
            "id": "1",
            "indicator": {"indicator": PDQ, "type": "HASH_PDQ", "id": "2"},
            "raw_indicator": PDQ,
            "type": "HASH_PDQ",
            "tags": {"data": [{"id": "9", "text": "ncii"}]},
            "status": "MALICIOUS",
        },
        {"id": "3", "indicator": MD5, "type": "HASH_MD5", "tags": ["ncii"]},
        {"id": "4", "indicator": "http://example.org/", "type": "URI"},
    ],
    "paging": {"cursors": {"before": "MAZDZD"}},
}
STOP_NCII = {
    "count": 2,
    "nextPageToken": None,
    "hashRecords": [
        {
            "hashValue": PDQ,
            "hashStatus": "Active",
            "caseNumbers": {"cc592711-7068-442f-b5d2-24d50d389751": "Active"},
            "signalType": "ImagePDQ",
            "CSPFeedbacks": [{"source": "A", "feedbackValue": "Blocked", "tags": ["Nude"]}],
        },
        {"hashValue": "x", "signalType": "VideoTMK", "caseNumbers": []},
    ],
}
NCMEC = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2"><images count="2">
 <image><member id="42">Example Member</member><id>image1</id><classification>A1</classification>
  <fingerprints><md5>{MD5}</md5><sha1>{"a1" * 20}</sha1><pdna>a1a1...</pdna></fingerprints></image>
 <deletedImage><member id="43">Other</member><id>image4</id></deletedImage>
</images></queryResult>"""

Labels = set[tuple[str, str | None]]

SHAPES: dict[str, tuple[str | bytes, dict[str, list[str]], Labels | None]] = {
    "columns by kind": (
        f"sha256,md5,pdq,category\n{SHA256},{MD5},{PDQ},ncii\n",
        {"sha256": [SHA256], "md5": [MD5], "pdq": [PDQ]},
        {("the list", "ncii")},
    ),
    "type and value": (
        f"signal_type,signal_value,list_name\npdq,{PDQ},ours\nmd5,{MD5},ours\n",
        {"pdq": [PDQ], "md5": [MD5]},
        {("ours", None)},
    ),
    "one column": (f"SHA-256\n{SHA256.upper()}\n", {"sha256": [SHA256]}, {("the list", None)}),
    "no header": (f"pdq;{PDQ};x\n;{MD5};y\n", {"pdq": [PDQ], "md5": [MD5]}, {("the list", None)}),
    "tabs": (f"pdq\tclass\n {PDQ} \tA2\n", {"pdq": [PDQ]}, {("the list", "A2")}),
    "plain": (f"# a list\n\n{MD5}\n  pdq {PDQ}\n", {"md5": [MD5], "pdq": [PDQ]}, None),
    "prefixed": (f"sha256:{SHA256}\npdq: {PDQ}\n", {"sha256": [SHA256], "pdq": [PDQ]}, None),
    "byte order mark": (f"\ufeffmd5\n{MD5}\n", {"md5": [MD5]}, None),
    "UTF-16": (f"md5,category\r\n{MD5},a\r\n".encode("utf-16"), {"md5": [MD5]}, None),
    "gzip": (gzip.compress(f"md5\n{MD5}\n".encode()), {"md5": [MD5]}, None),
    "base64": (
        (
            "kind,hash\n"
            f"md5,{base64.b64encode(bytes.fromhex(MD5)).decode()}\n"
            f"pdq,{base64.urlsafe_b64encode(bytes.fromhex(PDQ)).decode().rstrip('=')}\n"
        ),
        {"md5": [MD5], "pdq": [PDQ]},
        None,
    ),
    "ThreatExchange": (json.dumps(THREAT_EXCHANGE), {"pdq": [PDQ], "md5": [MD5]}, None),
    "StopNCII": (json.dumps(STOP_NCII, indent=1), {"pdq": [PDQ]}, None),
    "NCMEC": (NCMEC, {"md5": [MD5]}, {("the list", "A1")}),
    "NCMEC as JSON": (
        json.dumps([{"fingerprints": {"md5": MD5, "pdna": "x"}, "classification": "A2"}]),
        {"md5": [MD5]},
        {("the list", "A2")},
    ),
    "JSON Lines": (
        f'{{"pdq": "{PDQ}", "quality": 90, "tags": ["a", "b"]}}\n{{"md5": "{MD5}"}}\n',
        {"pdq": [PDQ], "md5": [MD5]},
        {("the list", "a, b"), ("the list", None)},
    ),
    "lists of texts": (
        json.dumps({"list_name": "ours", "pdq": [PDQ, OTHER_PDQ]}),
        {"pdq": sorted([PDQ, OTHER_PDQ])},
        {("ours", None)},
    ),
    "HMA": (
        json.dumps({"matches": [{"signal_type": "pdq", "signal_hash": PDQ, "tags": ["t"]}]}),
        {"pdq": [PDQ]},
        {("the list", "t")},
    ),
}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_list_is_read_whatever_its_shape(shape: str, tmp_path: Path) -> None:
    """Every shape gives its hashes, in lower case, with list and category."""
    content, wanted, wanted_labels = SHAPES[shape]
    found = read(tmp_path, content)
    assert hashes(found) == wanted
    assert wanted_labels is None or labels(found) == wanted_labels


REFUSALS = {
    AMBIGUOUS: SHA256,
    BLANK_PDQ: f"pdq {'0' * 64}",
    "39 hexadecimal digits are no sha256, md5 or pdq": f"{'ab' * 19}c",
    "neither hexadecimal nor base64 of a hash": "hello",
    "a PDQ of a quality below 50": f'{{"pdq": "{PDQ}", "quality": 49}}',
    "photodna is a kind that stillup does not match": f'{{"photodna": "{"ab" * 144}"}}',
    "16 bytes are no pdq": f"pdq {MD5}",
    "a md5 of zeros only": "0" * 32,
    DUPLICATE: f"{MD5}\n{MD5.upper()}",
    "a line too long for a hash": "a" * 300_000,
    "a row without a hash": f"md5,note\n{MD5},x\n,y",
    r"\x1b[31mred is a kind that stillup does not match": f"type,hash\n\x1b[31mred,{MD5}",
    "text that is no JSON, and whatever follows it": f'[{{"md5": "{MD5}"}}, {{]',
    "an object without a hash": '[{"name": "x"}]',
    "an object too large for an entry, and whatever follows it": "[" * 100_000 + "]" * 100_000,
}


@pytest.mark.parametrize("why", REFUSALS)
def test_what_cannot_be_matched_says_why(why: str, tmp_path: Path) -> None:
    """Each entry that is not usable is counted under its reason."""
    assert read(tmp_path, REFUSALS[why]).refused == {why: 1}


@pytest.mark.parametrize(("opens", "closes"), ["[]", ('{"a":', "}"), ('[{"a":', "}]")])
@pytest.mark.parametrize("lines", [1, 3])
def test_no_depth_is_too_deep(opens: str, closes: str, lines: int, tmp_path: Path) -> None:
    """However deeply a list nests its objects, it is read as far as entries go."""
    for depth in (1, 15, 70, 900, 50_000):
        deep = opens * depth + f'{{"md5": "{MD5}"}}' + closes * depth
        found = read(tmp_path, "\n".join([deep] * lines))
        assert hashes(found) == ({"md5": [MD5]} if depth <= 15 else {}), depth


def test_a_kind_that_is_said_holds_for_what_says_none(tmp_path: Path) -> None:
    """--type settles 64 digits, and leaves alone what names its kind."""
    content = f"{SHA256}\npdq {OTHER_PDQ}\n"
    assert hashes(read(tmp_path, content, Kind.SHA256)) == {"sha256": [SHA256], "pdq": [OTHER_PDQ]}


def test_pictures_with_nothing_in_them_are_refused() -> None:
    """Hashes of blank, striped and half-empty pictures are known as such, a real one is not."""
    for blank in ("00" * 32, "ff" * 32, "55" * 32, "aa55" * 16, "00" * 25 + "fe" * 7):
        assert is_blank_pdq(bytes.fromhex(blank))
    assert not is_blank_pdq(bytes.fromhex(PDQ))
    assert not is_blank_pdq(bytes.fromhex(OTHER_PDQ))


def test_no_file_and_half_a_file_say_so(tmp_path: Path) -> None:
    """What is not there is wrong use; what cannot be unpacked is a failure; each in one line."""
    with pytest.raises(WrongUse, match="no hash list"):
        read_list(tmp_path / "missing")
    with pytest.raises(WrongUse, match="no hash list"):
        read_list(tmp_path)
    rng = random.Random(1)
    packed = gzip.compress("".join(f"{rng.randbytes(16).hex()}\n" for _ in range(9999)).encode())
    with pytest.raises(RunFailed, match="unpacked"):
        read(tmp_path, packed[: len(packed) // 2])


def test_an_entity_is_not_followed(tmp_path: Path) -> None:
    """XML that would have a file of this machine read, or grow without end, gives no entry of it."""
    secret = tmp_path / "secret"
    secret.write_text(MD5)
    content = f"""<?xml version="1.0"?><!DOCTYPE q [<!ENTITY s SYSTEM "{secret.as_uri()}">]>
    <queryResult><image><fingerprints><md5>&s;</md5></fingerprints></image></queryResult>"""
    assert hashes(read(tmp_path, content)) == {}


@pytest.mark.parametrize(
    ("file", "name"),
    [("a.csv.gz", "a"), ("b.json", "b"), ("c.d.txt", "c.d"), ("csv", "csv"), (".csv", ".csv")],
)
def test_a_list_is_called_like_its_file(file: str, name: str) -> None:
    """Without a name of its own a list has its file's, without the suffixes of its format."""
    assert name_of(Path(file)) == name


@settings(max_examples=60, deadline=None)
@given(content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_anything_at_all_is_read_or_refused(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No file, whatever is in it, ends reading in anything but a count or one line."""
    path = tmp_path_factory.getbasetemp() / "anything"
    for mark in (b"", b"[", b'{"hash":', b"md5,x\n", b"<?xml ?>", b"\x1f\x8b"):
        path.write_bytes(mark + content)
        try:
            read_list(path)
        except RunFailed as error:
            assert "\n" not in str(error)  # noqa: PT017 - most files raise nothing


@settings(max_examples=30, deadline=None)
@given(drawn=st.lists(st.tuples(st.sampled_from([*Kind]), st.randoms(use_true_random=False))))
def test_shapes_agree(
    drawn: list[tuple[Kind, random.Random]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The same entries as CSV, JSON, JSON Lines and plain give the same list."""
    folder = tmp_path_factory.getbasetemp()
    sizes = {Kind.MD5: 16, Kind.SHA256: 32, Kind.PDQ: 32}
    rows = [(kind.value, rng.randbytes(sizes[kind]).hex()) for kind, rng in drawn]
    objects = [{"signal_type": kind, "signal_value": text} for kind, text in rows]
    with (folder / "a.csv").open("w") as file:
        csv.writer(file).writerows([("hash_type", "hash"), *rows])
    (folder / "a.json").write_text(json.dumps({"data": objects}))
    (folder / "a.jsonl").write_text("\n".join(map(json.dumps, objects)))
    (folder / "a.txt").write_text("\n".join(" ".join(row) for row in rows))
    found = [hashes(read_list(folder / f"a.{form}")) for form in ("csv", "json", "jsonl", "txt")]
    assert found == found[:1] * 4
