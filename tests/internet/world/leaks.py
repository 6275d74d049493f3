"""Places that leak: sixty, of twelve kinds, from blatant to faint.

Room: pure rules.
"""

import random

from tests.internet.world.captions import written
from tests.internet.world.innocents import harmless
from tests.internet.world.kind import USUAL, Leak
from tests.internet.world.people import camera_name, filled
from tests.internet.world.place import Place, WorldLink

_SKIN, _SEX = (1.5, 6.0), (4.0, 2.0)
_WARD = (
    "/wp-content/uploads/2016/05/{word}-{n}.jpg",
    "/patients/{n}/{file}.jpg",
    "/pics/{file}.jpg",
)
_PLAIN = ("/images/{n}.jpg", "/gallery/{file}.jpg", "/wp-content/uploads/2018/02/{file}.jpg")
_BOX = ("/uploads/docs/{n}.jpg", "/kyc/{n}/front.jpg", "/files/{file}.jpg", "/upload/scan_{n}.png")
_WADO = (
    "/wado?requestType=WADO&studyUID=1.2.{n}&objectUID=1.2.{n}.1",
    "/dicom-web/studies/1.2.{n}/rendered",
)
_ROLL = ("/backup/{file}.jpg", "/DCIM/Camera/{file}.jpg", "/{file}.jpg")
_NAMED = (("exif_position", 0.6), ("camera_serial", 0.8), ("person_named", 0.3))
_SCAN = (("clinical_device", 0.7), ("text_layer", 0.5), ("person_named", 0.2))
_FILE = (("dicom", 1.0), ("dicom_patient", 0.9))

LEAKS = (
    Leak("clinic.en", 4, _WARD, _SKIN),
    Leak("clinic.de", 2, _WARD, _SKIN),
    Leak("clinic.fr", 1, _WARD, _SKIN),
    Leak("clinic.es", 1, _WARD, _SKIN),
    Leak("clinic.pt", 2, _WARD, _SKIN),
    Leak("clinic.ru", 1, _WARD, _SKIN),
    Leak("clinic.zh", 2, _WARD, _SKIN),
    Leak("clinic.ja", 1, _WARD, _SKIN),
    Leak("identity.en", 3, _BOX),
    Leak("identity.es", 1, _BOX),
    Leak("identity.ru", 2, _BOX),
    Leak("identity.zh", 2, _BOX),
    Leak("finance.en", 3, _BOX),
    Leak("finance.de", 2, _BOX),
    Leak("finance.pt", 1, _BOX),
    Leak("intimate.en", 3, _PLAIN, _SEX),
    Leak("intimate.ru", 1, _PLAIN, _SEX),
    Leak("intimate.ja", 2, _PLAIN, _SEX),
    Leak("minors.en", 2, _PLAIN),
    Leak("minors.fr", 2, _PLAIN),
    Leak("letters.en", 2, _PLAIN),
    Leak("letters.de", 2, _PLAIN),
    Leak("contacts.en", 3, _PLAIN),
    Leak("silent.en", 3, _WADO, USUAL, _FILE, "pacs.{name}.test", media_type="application/dicom"),
    Leak("silent.en", 2, _ROLL, USUAL, _NAMED, "{name}.s3.amazonaws.com"),
    Leak("silent.en", 1, _ROLL, USUAL, _NAMED, "storage.googleapis.com/{name}"),
    Leak("identity.en", 1, _BOX, USUAL, _NAMED, "{name}.blob.core.windows.net"),
    Leak("silent.en", 3, _PLAIN, _SKIN, _SCAN),
    Leak("clinic.en", 2, _PLAIN, _SKIN, shares=(0.004,), bad_links=(2, 2)),
    Leak("identity.en", 1, _PLAIN, shares=(0.004,), bad_links=(2, 2)),
    Leak("faint.en", 2, _PLAIN, _SKIN, shares=(0.5, 0.2)),
)
_ADJECTIVES = (
    "blue",
    "quiet",
    "north",
    "old",
    "green",
    "river",
    "corner",
    "sunny",
    "stone",
    "maple",
)
_NOUNS = ("harbor", "desk", "house", "point", "works", "garden", "studio", "line", "field", "store")


def leaking(rng: random.Random, kinds: tuple[Leak, ...] = LEAKS) -> list[Place]:
    """Return sixty leaking places, some of them tenants of object storage."""
    return [_place(kind, rng) for kind in kinds for _ in range(kind.sites)]


def _place(kind: Leak, rng: random.Random) -> Place:
    name = f"{rng.choice(_ADJECTIVES)}{rng.choice(_NOUNS)}{rng.randrange(10_000)}"
    host = kind.host.format(name=name)
    bad = [_bad(kind, host, number, rng) for number in range(rng.randint(*kind.bad_links))]
    share = rng.choice(kind.shares)
    good = harmless(host, round(len(bad) / share) - len(bad), rng)
    links = [*bad, *good]
    rng.shuffle(links)
    label = f"{kind.words.split('.')[0]}, {_how(share)}"
    return Place(_called(kind, name, host), label, tuple(links))


def _called(kind: Leak, name: str, host: str) -> str:
    return host if ".test" not in kind.host else f"{name}.test"


def _how(share: float) -> str:
    return "all of it" if share == 1 else "2 of 500" if share < 0.01 else f"{share:.0%} of it"


def _bad(kind: Leak, host: str, number: int, rng: random.Random) -> WorldLink:
    what, language = kind.words.split(".")
    path = rng.choice(kind.paths).format(
        n=rng.randrange(1000, 99_999),
        file=camera_name(rng),
        word=rng.choice(("photo", "img", "case")),
    )
    mark = "&" if "?" in path else "?"
    return WorldLink(
        url=f"http://{host}{path}{mark}v={number}",
        caption=filled(rng.choice(written()[what][language]["leak"]), language, rng),
        punsafe=rng.betavariate(*kind.punsafe),
        # One at least is still there: what is gone is no leak.
        outcome="ok" if number == 0 else rng.choices(("ok", "gone", "denied"), (80, 15, 5))[0],
        flags=tuple(flag for flag, chance in kind.flags if rng.random() < chance),
        media_type=kind.media_type,
        is_bad=True,
    )
