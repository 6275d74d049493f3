"""clinical_device: what took the picture is made for looking at patients.

Room: pure rules. Strength: near certain for what the picture is, none for whether it may be shown.
False positives: teaching material, and cameras of a clinic used for something else. Sources: DICOM
PS3.3, C.7.3.1.1.1 (modalities); for EXIF, the makers' own names of their products. A maker that also
makes ordinary cameras counts only with a model that is clinical.
"""

import re
from collections.abc import Iterator

from pictures.flags.evidence import Evidence, says

NAMES = ("clinical_device",)

# Modalities that a patient was before. Left out: documents and what is derived (DOC, SR, PR, KO,
# SEG, RTPLAN, RTDOSE, RTSTRUCT), and OT and SC, which may be anything.
_MODALITIES = frozenset(
    (  # noqa: SIM905  (a table of codes)
        "AR BI BMD CR CT DG DMS DX ECG EEG EMG EOG EPS ES FID GM HD IO IVOCT IVUS KER LEN LS MG "
        "MR NM OAM OCT OP OPM OPT OPTBSV OPTENF OPV OSS PA POS PT PX RESP RF RG RTIMAGE SM TG US VA XA XC"
    ).split()
)

# Maker → model; both are looked for in what the file says, as whole words.
_DEVICES = (
    # otoscopes and examination cameras
    (r"welch ?allyn|firefly global|jedmed|horus ?scope|medit inc|inventis|heine", r""),
    # dermatoscopes and skin imaging
    (
        r"fotofinder|dermlite|3gen|canfield|molemax|derma ?medical|dermoscan|dermengine|metaoptima",
        r"",
    ),
    # fundus cameras and other eyes
    (r"topcon", r"trc|nw\d|maestro|triton|3d oct"),
    (
        r"nidek|optos|centervue|volk optical|optomed|remidio|haag.?streit|heidelberg engineering",
        r"",
    ),
    (r"kowa", r"nonmyd|vx.?\d|genesis"),
    (r"carl zeiss meditec|zeiss meditec", r""),
    (r"carl zeiss|zeiss", r"visucam|cirrus|clarus|fundus|opmi"),
    (r"canon", r"cr.?[12]( af)?|cr.?dg.?i?|cx.?1"),
    # endoscopes and theatres
    (r"karl ?storz|stryker|richard wolf|smith ?& ?nephew|arthrex", r""),
    (r"olympus", r"cv.?\d{3}|evis|cf.?h\d+|gif.?h\d+|otv.?s\d+"),
    (r"pentax", r"epk.?\w*"),
    (r"fujifilm|fujinon", r"vp.?\d{4}|eluxeo|ep.?\d{4}"),
    # ultrasound and X-ray
    (r"sonosite|mindray|esaote|samsung medison|butterfly network|aloka|supersonic imagine", r""),
    (r"ge (medical|healthcare|vingmed|ultrasound)\w*|philips (medical|healthcare)\w*", r""),
    (
        r"siemens healthineers|siemens medical|hologic|carestream|agfa healthcare|varian medical",
        r"",
    ),
    # teeth
    (r"sirona|planmeca|acteon|sopro|dexis|gendex|vatech|dentsply", r""),
    (r"shofu", r"eyespecial.*"),
    # wounds
    (r"aranz|silhouettestar|tissue analytics|ekare|swift medical", r""),
)
_MAKE, _MODEL = 0x010F, 0x0110


def flags(evidence: Evidence) -> Iterator[str]:
    """Yield whether the device is a clinical one."""
    dicom, exif = evidence.dicom, evidence.metadata.exif
    modality = says(dicom.get("Modality")).upper() if dicom is not None else ""
    if modality in _MODALITIES or _is_clinical(says(exif.get(_MAKE)), says(exif.get(_MODEL))):
        yield "clinical_device"


def _is_clinical(make: str, model: str) -> bool:
    text = f"{make} {model}"
    return any(_has(maker, text) and (not named or _has(named, model)) for maker, named in _DEVICES)


def _has(words: str, text: str) -> bool:
    return re.search(rf"\b(?:{words})\b", text[:200], re.IGNORECASE) is not None
