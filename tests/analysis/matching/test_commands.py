"""`stillup match` and `stillup find`, as a shell calls them."""

import csv
import io
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageOps

from pictures.exchange import entry
from pictures.read import fingerprint
from stillup import main
from tests.analysis.asking import rows_of
from tests.analysis.runs import crawl, link, look, plan
from tests.pictures.hostile import dying_decoder, huge_png

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow

Stillup = Callable[..., tuple[int, str, str]]


@pytest.fixture
def stillup(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Stillup:
    """Return a command line in this process: status, stdout, stderr."""
    monkeypatch.setenv("COLUMNS", "80")

    def call(*words: str | Path) -> tuple[int, str, str]:
        status = 0
        try:
            main([str(word) for word in words])
        except SystemExit as left:
            status = int(left.code or 0)
        return status, *capsys.readouterr()

    return call


def drawn() -> Image.Image:
    """Draw a picture with enough in it to be told apart."""
    image = Image.new("RGB", (320, 240), "white")
    pen = ImageDraw.Draw(image)
    for n in range(40):
        x, y = (n * 97) % 320, (n * 61) % 240
        pen.ellipse((x, y, x + 20 + n, y + 70 - n), fill=(n * 5, 255 - n * 6, (n * 37) % 256))
    return image


def packed(image: Image.Image, quality: int = 90) -> bytes:
    target = io.BytesIO()
    image.save(target, "JPEG", quality=quality)
    return target.getvalue()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "me.jpg"
    path.write_bytes(packed(drawn()))
    return path


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run in which the picture is served now, mirrored, served before, and promised."""
    root = tmp_path / "run"
    original, mirrored = (
        fingerprint(packed(drawn())),
        fingerprint(packed(ImageOps.mirror(drawn()), 60)),
    )
    assert (original.pdq_quality or 0) >= 50
    assert original.sha256 is not None
    hostile = "http://evil.example/\x1b[31m\u202egnp.jpg"
    links = [
        link(1, "now.example"),
        link(2, "mirror.example"),
        link(3, "now.example"),
        link(4, "promise.example", expected_sha256=original.sha256.hex()),
        link(5, "evil.example", url=hostile),
        link(6, "nobody.example"),
    ]
    plan(root, links, "round = 2\n")
    seen = {
        number: look(
            number,
            sha256=of.sha256,
            md5=of.md5,
            pdq=of.pdq,
            pdq_quality=of.pdq_quality,
            media_type="image/jpeg",
            body_bytes=9,
        )
        for number, of in ((1, original), (2, mirrored), (3, original), (5, original))
    }
    crawl(root, seen.values())
    crawl(root, [look(3, "gone", round=2, day=10)], segment=1)
    return root


def test_find_lists_every_place(stillup: Stillup, run: Path, picture: Path) -> None:
    """Now, before and promised are told apart, by site, with how it matches and what to do."""
    status, out, _ = stillup("find", run, picture)
    assert status == 0
    for line in (
        "Found at 5 links on 4 sites.",
        "serves it now: http://now.example/1.jpg",
        "served it before: http://now.example/3.jpg",
        "at the last look, 2026-03-11: gone",
        "is listed with it; nobody has seen it there: http://promise.example/4.jpg",
        "looks the same, mirrored",
        "the very same file",
        "What you can do next",
        "nothing of it was written down",
    ):
        assert line in out
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_find_writes_nothing_of_the_picture(stillup: Stillup, run: Path, picture: Path) -> None:
    """No hash of the picture that the crawl has not seen is anywhere in the run, nor its name."""
    image = ImageOps.flip(drawn())
    image.save(picture.with_name("secret.png"))
    stillup("find", run, picture.with_name("secret.png"))
    asked = fingerprint(picture.with_name("secret.png").read_bytes(), turned=True)
    content = b"".join(path.read_bytes() for path in run.rglob("*") if path.is_file())
    for digest in (asked.sha256, asked.md5, asked.pdq):
        assert digest is not None
        assert digest not in content
        assert digest.hex().encode() not in content
    assert b"secret" not in content
    assert not (run / "matches").exists()
    stillup("find", run, picture, "--keep")
    assert len(rows_of(run, "from matches")) > 3


def test_find_names_only_commands_that_there_are(
    stillup: Stillup, run: Path, picture: Path
) -> None:
    """What a person is told to type can be typed."""
    from stillup import COMMANDS

    out = stillup("find", run, picture)[1]
    named = set(re.findall("`stillup ([a-z]+)", out))
    assert named
    assert named <= set(COMMANDS)


def test_find_nothing_is_an_answer(stillup: Stillup, run: Path, tmp_path: Path) -> None:
    """A picture that is nowhere ends in 0, and with what could not be told."""
    blank = tmp_path / "blank.png"
    Image.new("RGB", (64, 64), "white").save(blank)
    status, out, _ = stillup("find", run, blank)
    assert status == 0
    assert "No link of this run that we know of has this picture." in out
    assert "Only the very same file can be found" in out
    assert "were never looked at" in out


def test_find_sees_through_edits(stillup: Stillup, run: Path, tmp_path: Path) -> None:
    """A picture that the web has smaller, mirrored and cropped by a tenth on all sides is found."""
    large = drawn().resize((960, 720))
    seen = fingerprint(
        packed(ImageOps.mirror(large).crop((48, 36, 912, 684)).resize((300, 225)), 50)
    )
    crawl(run, [look(6, pdq=seen.pdq, pdq_quality=seen.pdq_quality, body_bytes=9)], segment=2)
    path = tmp_path / "large.png"
    large.save(path)
    out = stillup("find", run, path)[1]
    assert "http://nobody.example/6.jpg\n    looks the same, mirrored, cropped" in out


def test_a_run_that_nobody_crawled_is_asked_for_its_promises(
    stillup: Stillup, tmp_path: Path, picture: Path
) -> None:
    """Before the first look, find and match answer, and say that nothing was looked at."""
    run = tmp_path / "planned"
    sha256 = fingerprint(picture.read_bytes()).sha256
    assert sha256 is not None
    plan(run, [link(1, "promise.example", expected_sha256=sha256.hex()), link(2, "a.example")], "")
    status, out, err = stillup("find", run, picture)
    assert (status, err) == (0, "")
    assert "Of 2 links, 2 were never looked at" in out
    listing = tmp_path / "hashes.txt"
    listing.write_text(f"sha256 {sha256.hex()}\n")
    for options in ((), ("--blind",)):
        status, out, err = stillup("match", run, listing, *options)
        assert status == 0, err
        assert "http://promise.example/1.jpg" in out


def test_find_ends_where_a_decoder_does(
    stillup: Stillup, run: Path, picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bomb, or a picture that its decoder dies of, ends in one line and 1: half an answer is none."""
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(huge_png(60_000, 60_000))
    status, out, err = stillup("find", run, picture, bomb)
    assert (status, out, len(err.splitlines())) == (1, "", 1)
    assert "bomb.png: it has more than 67 million pixels; make it smaller first" in err
    monkeypatch.setenv("PYTHONPATH", dying_decoder(tmp_path))
    status, out, err = stillup("find", run, picture)
    assert (status, out, len(err.splitlines())) == (1, "", 1)
    assert "me.jpg: it makes its decoder crash; save it as a JPEG first" in err


def test_find_needs_a_file(stillup: Stillup, run: Path, tmp_path: Path) -> None:
    """No file, an empty one and one without an end are wrong use, in one line."""
    (tmp_path / "empty.jpg").touch()
    for path in (tmp_path / "missing.jpg", tmp_path / "empty.jpg", Path("/dev/zero")):
        status, _, err = stillup("find", run, path)
        assert status == 2
        assert len(err.splitlines()) == 1


def test_match_reads_what_fingerprint_writes(stillup: Stillup, run: Path, picture: Path) -> None:
    """Our own JSON of a picture is a hash list, and its matches are kept."""
    path = picture.with_name("mine.json")
    path.write_text(json.dumps([entry("me.jpg", fingerprint(picture.read_bytes(), turned=True))]))
    status, out, err = stillup("match", run, path)
    assert status == 0
    assert "mine (JSON): 10 usable: 1 sha256, 1 md5, 8 pdq; 1 not usable" in err
    assert "\x1b" not in out
    stillup("match", run, path)
    places = rows_of(run, "select place, count(distinct link_id) as n from matches group by place")
    assert {row["place"]: int(row["n"]) for row in places} == {
        "served_now": 3,
        "served_before": 1,
        "promised": 1,
    }


def test_match_in_other_formats(stillup: Stillup, run: Path, picture: Path, tmp_path: Path) -> None:
    """CSV and JSON hold every match; a label that a spreadsheet would run is made text."""
    digest = (fingerprint(picture.read_bytes()).sha256 or b"").hex()
    (tmp_path / "l.csv").write_text(f'sha256,category\n{digest},"=cmd|x"\n')
    rows = list(
        csv.DictReader(io.StringIO(stillup("match", run, tmp_path / "l.csv", "--format", "csv")[1]))
    )
    found = json.loads(
        stillup("match", run, tmp_path / "l.csv", "--format", "json", "--no-keep")[1]
    )
    assert len(rows) == len(found["matches"]) == 4
    assert {row["category"] for row in rows} == {"'=cmd|x"}
    assert found["lists"][0]["usable"]["sha256"] == 1


def test_match_blind_asks_nobody(
    stillup: Stillup, run: Path, picture: Path, tmp_path: Path
) -> None:
    """--blind finds the promise only, and says that nobody was asked."""
    digest = (fingerprint(picture.read_bytes()).sha256 or b"").hex()
    (tmp_path / "l.txt").write_text(digest)
    status, out, _ = stillup("match", run, tmp_path / "l.txt", "--type", "sha256", "--blind")
    assert status == 0
    assert "Nobody was asked" in out
    assert "promise.example/4.jpg" in out
    assert "now.example" not in out


def test_match_does_not_guess(stillup: Stillup, run: Path, tmp_path: Path) -> None:
    """A list of 64 digits without a type is refused with what to type."""
    (tmp_path / "l.txt").write_text("ab" * 32)
    status, _, err = stillup("match", run, tmp_path / "l.txt")
    assert status == 2
    assert "--type sha256 or --type pdq" in err.splitlines()[-1]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_match_of_a_run_that_cannot_be_written(stillup: Stillup, run: Path, tmp_path: Path) -> None:
    """A run that is only read is matched, and what is not kept is said."""
    (tmp_path / "l.txt").write_text(f"md5 {'ab' * 16}")
    run.chmod(0o500)
    try:
        status, _, err = stillup("match", run, tmp_path / "l.txt")
    finally:
        run.chmod(0o700)
    assert status == 0
    assert "not kept" in err
