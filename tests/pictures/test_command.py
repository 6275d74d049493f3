"""`stillup fingerprint`: hashes of pictures on this machine, as others read them."""

import csv
import io
import json
from pathlib import Path

import pytest

from pictures.fingerprint import ORIENTATIONS
from tests.pictures.hostile import dying_decoder, huge_png
from tests.pictures.samples import DATA
from tests.runs import stillup_here

PICTURE = DATA / "pdq/square-128x128.jpg"


def test_csv_has_a_row_for_each_orientation() -> None:
    """Eight rows of 64 hexadecimal digits; the exact digests stand beside the original only."""
    done = stillup_here("fingerprint", PICTURE)
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["orientation"] for row in rows] == list(ORIENTATIONS)
    assert len({row["pdq"] for row in rows}) == 8
    assert [bool(row["sha256"]) for row in rows] == [True] + [False] * 7


def test_json_is_as_exchanges_of_hashes_have_it() -> None:
    """Signals are named as in HMA, indicators as in ThreatExchange."""
    found = json.loads(stillup_here("fingerprint", "--format", "json", PICTURE).stdout)
    indicators = {entry["type"]: entry["indicator"] for entry in found[0]["indicators"]}
    assert set(indicators) == {"HASH_PDQ", "HASH_MD5", "HASH_SHA256"}
    first = found[0]["orientations"][0]
    assert first == {"orientation": "original", "signals": {"pdq": indicators["HASH_PDQ"]}}


def test_a_file_that_cannot_be_read_is_said_and_the_others_are_done(tmp_path: Path) -> None:
    """Each file that has no hash says why, the others have theirs, and the exit status is 1."""
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(PICTURE.read_bytes()[:900])
    done = stillup_here("fingerprint", tmp_path / "none.jpg", broken, tmp_path, PICTURE)
    assert done.returncode == 1
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["error"] for row in rows[:3]] == ["unreadable", "undecodable", "unreadable"]
    assert len(rows) == 3 + 8
    assert "none.jpg: the file cannot be read: No such file" in done.stderr
    assert "3 of 4 could not be fingerprinted" in done.stderr


def test_a_bomb_and_a_crash_are_one_line_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture that wants gigabytes, or that its decoder dies of, ends in a line and exit status 1."""
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(huge_png(60_000, 60_000))
    done = stillup_here("fingerprint", bomb)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 2)
    assert "bomb.png: it has more than 67 million pixels; make it smaller first" in done.stderr
    monkeypatch.setenv("PYTHONPATH", dying_decoder(tmp_path))
    done = stillup_here("fingerprint", PICTURE)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 2)
    assert "it makes its decoder crash; save it as a JPEG first" in done.stderr
    assert next(csv.DictReader(io.StringIO(done.stdout)))["error"] == "crashed"
