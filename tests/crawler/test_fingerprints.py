"""Fingerprints in a crawl: what pictures tell is in the rows, and nothing else of them anywhere."""

from pathlib import Path

import pytest

from tests.conftest import MakeInternet
from tests.internet import PictureHost
from tests.internet.messages import Answer, Reply, Request
from tests.pictures.samples import DATA, PATIENT, drawn, encoded, patient_dicom, placed_exif
from tests.runs import crawled, finals, planned, stillup_here

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow

PLACED = encoded(drawn(5, (640, 480)), "JPEG", exif=placed_exif())
BODIES = {
    "/placed.jpg": PLACED,
    "/patient.dcm": patient_dicom(),
    "/bare.dcm": (DATA / "pydicom/MR_small_implicit.dcm").read_bytes(),
    "/half.jpg": PLACED[: len(PLACED) // 2],
    "/bomb.gif": (DATA / "pillow/decompression_bomb.gif").read_bytes(),
    "/page.html": b"<!DOCTYPE html><title>not a picture</title>",
}


class Gallery(PictureHost):
    """Serves the bodies above."""

    def __init__(self) -> None:
        super().__init__("gallery.test", pictures=0)

    def look(self, request: Request) -> Answer:
        """Serve one."""
        return Reply(body=BODIES[request.target])

    def urls(self, scheme: str = "http") -> list[str]:
        """Return where each is."""
        return [f"{scheme}://gallery.test{path}" for path in BODIES]


def _seen(run: Path) -> dict[str, dict[str, object]]:
    return {url.removeprefix("http://gallery.test"): row for url, row in finals(run).items()}


def test_what_pictures_tell_is_recorded(tmp_path: Path, make_internet: MakeInternet) -> None:
    """Rows have PDQ, size and flags, or why not; no value of them is in any file of the run."""
    host = Gallery()
    run = crawled(planned(tmp_path, host.urls()), make_internet(host))
    seen = _seen(run)
    assert {row["outcome"] for row in seen.values()} == {"ok"}
    placed = seen["/placed.jpg"]
    assert (placed["width"], placed["height"], placed["picture_error"]) == (640, 480, None)
    assert len(placed["pdq"]) == 32  # type: ignore[arg-type]
    assert placed["flags"] == ["camera_serial", "exif_position", "person_named"]
    for path in ("/patient.dcm", "/bare.dcm"):
        assert seen[path]["media_type"] == "application/dicom"
        assert {"dicom", "dicom_patient"} <= set(seen[path]["flags"])  # type: ignore[call-overload]
    assert seen["/half.jpg"]["picture_error"] == "undecodable"
    assert seen["/half.jpg"]["flags"] == placed["flags"]
    assert seen["/bomb.gif"]["picture_error"] == "too_many_pixels"
    assert seen["/half.jpg"]["pdq"] is seen["/bomb.gif"]["pdq"] is None
    assert seen["/page.html"]["flags"] is seen["/page.html"]["picture_error"] is None
    secrets = [*PATIENT.split("^"), "SN-0815", "34.567", "CompressedSamples", "4MR1"]
    for file in run.rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        assert not [secret for secret in secrets if secret.encode() in content], file


def test_it_can_be_left_out(tmp_path: Path, make_internet: MakeInternet) -> None:
    """`--no-fingerprint` leaves the columns empty, and nothing else is different."""
    host = Gallery()
    run = crawled(planned(tmp_path, host.urls()), make_internet(host), "--no-fingerprint")
    for row in _seen(run).values():
        assert row["outcome"] == "ok"
        assert row["sha256"] is not None
        assert row["pdq"] is row["width"] is row["flags"] is row["picture_error"] is None


@pytest.mark.parametrize("mode", ["head", "sniff"])
def test_it_needs_whole_pictures(tmp_path: Path, mode: str) -> None:
    """Asked for where bodies are not read, it is refused in one line."""
    run = planned(tmp_path, ["http://one.test/1.jpg"])
    contact = ("--contact", "https://example.org/test")
    done = stillup_here("crawl", run, *contact, "--mode", mode, "--fingerprint")
    assert done.returncode == 2
    assert "--fingerprint needs whole pictures" in done.stderr
