"""Fingerprints as others read them: CSV, and JSON for exchanges of hashes.

Room: pure rules. `signals` are named as in Hasher-Matcher-Actioner (facebook/ThreatExchange), so
that each is a body for its `POST /c/bank/NAME/signal`; `indicators` have the type names of the
ThreatExchange API (IndicatorType), so that they can be sent as threat descriptors.
"""

from typing import Any

from pictures.fingerprint import ORIENTATIONS, Fingerprint

COLUMNS = (
    *("file", "orientation", "pdq", "pdq_quality", "sha256", "md5"),
    *("media_type", "width", "height", "flags", "error"),
)


def rows(file: str, found: Fingerprint) -> list[tuple[Any, ...]]:
    """Return a row for each orientation, or one row for a picture without PDQ; as COLUMNS."""
    exact = (_hex(found.sha256), _hex(found.md5))
    rest = (found.media_type, found.width, found.height, " ".join(found.flags), found.error)
    if not found.turned:
        return [(file, None, None, None, *exact, *rest)]
    # The digests are of the file as it is, so that they stand in one row only.
    return [
        (
            file,
            name,
            pdq.hex(),
            found.pdq_quality,
            *(exact if name == "original" else (None, None)),
            *rest,
        )
        for name, pdq in zip(ORIENTATIONS, found.turned, strict=True)
    ]


def entry(file: str, found: Fingerprint) -> dict[str, Any]:
    """Return a picture as an object of JSON."""
    turned = zip(ORIENTATIONS, (pdq.hex() for pdq in found.turned), strict=False)
    return {
        "file": file,
        "media_type": found.media_type,
        "width": found.width,
        "height": found.height,
        "pdq_quality": found.pdq_quality,
        "flags": list(found.flags),
        "error": found.error,
        "indicators": _indicators(found),
        "orientations": [{"orientation": name, "signals": {"pdq": pdq}} for name, pdq in turned],
    }


def _indicators(found: Fingerprint) -> list[dict[str, str]]:
    hashes = {
        "HASH_PDQ": found.pdq,
        "HASH_MD5": found.md5,
        "HASH_SHA256": found.sha256,
    }
    return [
        {"type": kind, "indicator": value.hex()}
        for kind, value in hashes.items()
        if value is not None
    ]


def _hex(digest: bytes | None) -> str | None:
    return None if digest is None else digest.hex()
