"""person_named: the file names somebody: who is shown, who took it, whose camera it is.

Room: pure rules. False positives: agencies and photographers who sign their work, and DICOM sample
files with invented physicians. A copyright notice alone is not taken for a name, nor is a patient's
name, which has a flag of its own. Sources: EXIF 2.32, 4.6.5; IPTC Photo Metadata Standard 2023.1;
Metadata Working Group, regions; DICOM PS3.3.
"""

from collections.abc import Iterator

from pictures.flags.evidence import Evidence, says, xmp_values

NAMES = ("person_named",)

_EXIF = (0x013B, 0x9C9D, 0xA430)  # Artist, XPAuthor, CameraOwnerName
_IPTC = ((2, 80), (2, 118))  # by-line, contact
_PNG = ("Author", "Artist", "Creator")
_XMP = (
    "dc:creator",
    "tiff:Artist",
    "aux:OwnerName",
    "exifEX:CameraOwnerName",
    "xmpRights:Owner",
    "Iptc4xmpExt:PersonInImage",
    "mwg-rs:Name",
    "MPReg:PersonDisplayName",
)
_DICOM = (
    "ReferringPhysicianName",
    "PerformingPhysicianName",
    "NameOfPhysiciansReadingStudy",
    "PhysiciansOfRecord",
    "RequestingPhysician",
    "OperatorsName",
    "ResponsiblePerson",
)


def flags(evidence: Evidence) -> Iterator[str]:
    """Yield whether somebody is named."""
    metadata, dicom = evidence.metadata, evidence.dicom
    written = [says(tags.get(tag)) for tags in (metadata.exif, metadata.camera) for tag in _EXIF]
    written += [says(metadata.iptc.get(number)) for number in _IPTC]
    written += [says(metadata.texts.get(keyword)) for keyword in _PNG]
    if dicom is not None:
        written += [says(dicom.get(keyword)) for keyword in _DICOM]
    if any(written) or any(said for name in _XMP for said in xmp_values(metadata.xmp, name)):
        yield "person_named"
