"""camera_serial: the file names the one device that took it, so that its other pictures can be found.

Room: pure rules. False positives: few; a serial says nothing of what is shown. Not read: serial
numbers in the makers' own notes (Canon, Nikon and others), which every model writes differently.
Sources: EXIF 2.32, 4.6.5 (BodySerialNumber, LensSerialNumber), DNG 1.7 (CameraSerialNumber), XMP
Specification Part 2 (aux), DICOM PS3.3 C.7.5.1.
"""

from collections.abc import Iterator

from pictures.flags.evidence import Evidence, says, xmp_values

NAMES = ("camera_serial",)

_EXIF = (0xA431, 0xA435, 0xC62F)
_XMP = (
    "aux:SerialNumber",
    "aux:LensSerialNumber",
    "exifEX:BodySerialNumber",
    "exifEX:LensSerialNumber",
)


def flags(evidence: Evidence) -> Iterator[str]:
    """Yield whether a serial number is there."""
    metadata, dicom = evidence.metadata, evidence.dicom
    written = [says(tags.get(tag)) for tags in (metadata.exif, metadata.camera) for tag in _EXIF]
    if dicom is not None:
        written.append(says(dicom.get("DeviceSerialNumber")))
    if any(written) or any(said for name in _XMP for said in xmp_values(metadata.xmp, name)):
        yield "camera_serial"
