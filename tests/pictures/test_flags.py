"""Flags: what a file carries is said by name, and never with its value."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL.PngImagePlugin import PngInfo

from pictures.fingerprint import Fingerprint, from_json
from pictures.flags import FLAGS, flags_of
from pictures.flags.evidence import Evidence, says, xmp_values
from pictures.metadata import Metadata
from pictures.read import fingerprint
from tests.pictures.samples import (
    DATA,
    PATIENT,
    drawn,
    encoded,
    expected,
    patient_dicom,
    placed_exif,
    placed_tags,
)

XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description
 exif:GPSLatitude="51,12.5N" exif:GPSLongitude='6,3.2E' aux:SerialNumber="4711">
<dc:creator><rdf:Seq><rdf:li>Erika Muster</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF>
</x:xmpmeta>"""
XMP_FLAGS = ("camera_serial", "person_named", "xmp_position")


@pytest.mark.parametrize("row", expected(), ids=lambda row: row["file"])
def test_real_files_have_the_flags_that_they_should(row: dict[str, str]) -> None:
    """Whole, broken and hostile files lead to the type, flags and error that they must."""
    found = fingerprint((DATA / row["file"]).read_bytes())
    assert (found.media_type or "", " ".join(found.flags), found.error or "") == (
        row["media_type"],
        row["flags"],
        row["error"],
    )


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_position_serial_and_name_are_found_in_every_container(format_name: str) -> None:
    """EXIF and XMP are found in each format, also where the one is packed in the other's chunk."""
    image = drawn(1, (64, 64))
    options = {"tiffinfo": placed_tags()} if format_name == "TIFF" else {"exif": placed_exif()}
    with_exif = fingerprint(encoded(image, format_name, **options))
    assert with_exif.flags == ("camera_serial", "exif_position", "person_named")
    if format_name == "PNG":
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=True)
        assert fingerprint(encoded(image, "PNG", pnginfo=info)).flags == XMP_FLAGS
    elif format_name != "TIFF":
        assert fingerprint(encoded(image, format_name, xmp=XMP)).flags == XMP_FLAGS


def test_a_patient_is_flagged_until_removed() -> None:
    """A patient's identifiers are flagged; a file that says they were removed is believed."""
    assert "dicom_patient" in fingerprint(patient_dicom()).flags
    assert "dicom_patient" not in fingerprint((DATA / "pydicom/693_J2KI.dcm").read_bytes()).flags


@pytest.mark.parametrize("row", expected(), ids=lambda row: row["file"])
def test_no_value_leaves(row: dict[str, str]) -> None:
    """Nothing but hashes, sizes, types and known names is in what leaves the process."""
    body = (DATA / row["file"]).read_bytes()
    found = fingerprint(body, turned=True)
    assert set(found.flags) <= set(FLAGS)
    text = re.sub(rb"\b[0-9a-f]{32,64}\b", b"", found.to_json()).decode()
    words = set(re.findall(r"[a-z_0-9]+", text)) - set(FLAGS)
    allowed = set(re.findall(r"[a-z_0-9]+", " ".join(Fingerprint.__slots__)))
    allowed |= set(re.findall(r"[a-z_0-9]+", f"{found.media_type} {found.error} null"))
    assert {word for word in words if not word.isdigit()} <= allowed
    assert from_json(found.to_json()) == found


def test_the_patient_is_not_in_the_answer() -> None:
    """A patient's name is nowhere in what leaves."""
    answer = fingerprint(patient_dicom()).to_json().decode()
    assert not any(part in answer for part in PATIENT.split("^"))


@pytest.mark.parametrize(
    "value",
    ["", "   ", "\0\0", b"\0" * 8, "Unknown", "N/A", "^^^^", "0000", "Anonymized", "XXX", None],
)
def test_what_says_nothing(value: object) -> None:
    """Fields that a program filled in are as good as empty."""
    assert says(value) == ""


@given(st.binary(max_size=400))
def test_broken_xmp_never_fails(noise: bytes) -> None:
    """Whatever stands in an XMP packet, it is read to its end."""
    for cut in (noise + XMP, XMP[: len(noise)], XMP.replace(b"Erika", noise)):
        list(xmp_values(cut, "dc:creator"))
        flags_of(Evidence(Metadata(xmp=cut)))


@given(
    st.dictionaries(
        st.sampled_from([2, 4, 0x013B, 0xA431, 0x010E]),
        st.none() | st.text() | st.binary() | st.tuples(st.floats()),
        max_size=5,
    )
)
def test_any_value_of_a_tag_is_survived(tags: dict[int, object]) -> None:
    """EXIF holds what a stranger wrote: a value of any type is read or left alone."""
    found = flags_of(Evidence(Metadata(exif=tags, camera=tags, gps=tags)))
    assert set(found) <= set(FLAGS)
