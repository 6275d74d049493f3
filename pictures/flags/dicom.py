"""dicom, dicom_patient: the file is a medical one; the file says whose.

Room: pure rules. `dicom_patient`: false positives are sample files with invented patients, and
pseudonyms where nothing says that the file was de-identified. A file that says so (Patient Identity
Removed is YES, or a De-identification Method is named and it does not say NO) is believed.
Sources: DICOM PS3.3, C.7.1.1 (patient) and C.12.1 (de-identification); PS3.15, table E.1-1.
"""

from collections.abc import Iterator
from typing import Any

from pictures.flags.evidence import Evidence, says

NAMES = ("dicom", "dicom_patient")

_PATIENT = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientBirthName",
    "PatientMotherBirthName",
    "PatientAddress",
    "PatientTelephoneNumbers",
    "OtherPatientIDs",
    "OtherPatientNames",
    "MedicalRecordLocator",
    "MilitaryRank",
)
_MOST_RECORDS = 1000  # of a directory


def flags(evidence: Evidence) -> Iterator[str]:
    """Yield whether the file is DICOM, and whether it says whose."""
    if evidence.dicom is None:
        return
    yield "dicom"
    if any(_names_patient(part) for part in _parts(evidence.dicom)):
        yield "dicom_patient"


def _parts(dataset: Any) -> Iterator[Any]:
    """Yield a data set, or the records of a directory (DICOMDIR)."""
    yield dataset
    yield from (dataset.get("DirectoryRecordSequence") or ())[:_MOST_RECORDS]


def _names_patient(dataset: Any) -> bool:
    removed = says(dataset.get("PatientIdentityRemoved")).upper()
    if removed == "YES" or (says(dataset.get("DeidentificationMethod")) and removed != "NO"):
        return False
    return any(says(dataset.get(keyword)) for keyword in _PATIENT)
