"""DICOM files: whether one is, and what it says without its pixels.

Room: decoders. Knows pydicom, which is imported when the first file that may be DICOM comes: it
takes longer than a hundred pictures. Source: DICOM PS3.10, 7.1 (preamble and prefix), and PS3.5,
7.1 (data elements), for the files of older systems that begin without either.
"""

import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydicom import Dataset

MEDIA_TYPE = "application/dicom"
HEAD_BYTES = 132  # what `may_be_dicom` looks at

# The first element of a file without preamble: of group 2 or 8, a low element number, and then a
# value representation in two letters or, where it is implicit, a length of less than 64 KiB.
_BARE_LITTLE = re.compile(rb"[\x02\x08]\0.\0(?:[A-Z]{2}|..\0\0)", re.DOTALL)
_BARE_BIG = re.compile(rb"\0[\x02\x08]\0.(?:[A-Z]{2}|\0\0..)", re.DOTALL)
# What any DICOM object has: the class of the object, or of a file system's directory.
_SOP_CLASS, _STORED_SOP_CLASS = 0x00080016, 0x00020002
_ALSO_ENOUGH = (0x00080060, 0x00100010, 0x00280010)  # modality, patient's name, rows


def may_be_dicom(head: bytes) -> bool:
    """Tell whether a file that begins with `head` is worth giving to `read_dicom`."""
    if head[128:132] == b"DICM":
        return True
    return bool(_BARE_LITTLE.match(head) or _BARE_BIG.match(head))


def read_dicom(body: bytes) -> "Dataset | None":
    """Read a DICOM file up to its pixels, or return None where it is none.

    A broken one with the prefix is an empty Dataset: it is DICOM, and nothing is known of it.
    """
    import pydicom
    from pydicom import Dataset, config

    config.settings.reading_validation_mode = config.IGNORE  # its warnings quote values
    whole = body[128:132] == b"DICM"
    try:
        found = pydicom.dcmread(io.BytesIO(body), stop_before_pixels=True, force=True)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  (a broken file makes pydicom raise nearly anything)
        return Dataset() if whole else None
    return found if whole or _is_object(found) else None


def number(dataset: "Dataset", keyword: str) -> int | None:
    """Return a whole number of a DICOM file, or None."""
    try:
        return int(dataset.get(keyword))
    except Exception:  # noqa: BLE001  (values are parsed when they are asked for)
        return None


def _is_object(dataset: "Dataset") -> bool:
    meta = getattr(dataset, "file_meta", None) or ()
    known = _SOP_CLASS in dataset or _STORED_SOP_CLASS in meta
    return known or sum(tag in dataset for tag in _ALSO_ENOUGH) >= 2
