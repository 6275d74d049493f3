"""Places that leak nothing: a web of ordinary sites with its real skew, and sites that look guilty.

Room: pure rules.
"""

import random
from collections.abc import Iterator
from dataclasses import replace

from tests.internet.world.captions import real, written
from tests.internet.world.kind import LookAlike
from tests.internet.world.people import as_written, filled
from tests.internet.world.place import Place, WorldLink

ORDINARY = 2_000
# A Zipf-Mandelbrot fit of links by registered domain in 40,462 rows of LAION, which are on 12,056
# domains: 1,491 on the first, 121 on the 51st, 18 on the 201st, one on four of five.
_RANKS, _SCALE, _OFFSET, _SLOPE = 12_056, 15_000, 7, 1.14
_HEAD = 12  # the largest are always there: a world without giants would be too easy
_LARGEST = 1_500

LOOK_ALIKES = (
    LookAlike(
        "medical_school.en",
        ("med.northfield-university", "anatomy.lindenstate", "radlearn"),
        150,
        (1.0, 8.0),
    ),
    LookAlike(
        "stock.en", ("stockhaven", "pixdepot", "clipmarket", "imagebank24"), 500, (0.6, 10.0)
    ),
    LookAlike("museum.en", ("citymuseum", "oldmasters-collection", "rijkhal"), 120, (1.0, 5.0)),
    LookAlike("news.en", ("dailyharbor", "eveningpost-online", "newswire7"), 250, (0.5, 10.0)),
    LookAlike("atlas.en", ("dermatlas", "skinpix-reference"), 300, (1.5, 6.0)),
    LookAlike("atlas.de", ("hautbilder",), 200, (1.5, 6.0)),
    LookAlike("dicom_samples.en", ("dicomlib", "openmedformats"), 60, (0.4, 12.0)),
    LookAlike("tax_help.en", ("taxwise", "paperworkhelp"), 40, (0.4, 12.0)),
    LookAlike("photo_shop.en", ("visaphotos", "snapbooth"), 30, (0.4, 12.0)),
    LookAlike("lingerie.en", ("lacehouse", "nightsilk"), 150, (2.0, 4.0)),
    LookAlike("kids_shop.en", ("tinytrends", "schooloutfit"), 150, (0.5, 9.0)),
    LookAlike("surgery_ads.en", ("newnose", "bodyclinic-prices"), 60, (1.2, 6.0)),
    LookAlike("genealogy.en", ("familyroots", "oldletters"), 50, (0.4, 12.0)),
)


def ordinary(rng: random.Random) -> list[Place]:
    """Return the ordinary sites: real captions and paths, sizes with a real skew."""
    ranks = [*range(1, _HEAD + 1), *sorted(rng.sample(range(_HEAD + 1, _RANKS), ORDINARY - _HEAD))]
    rows = _endless(rng)
    return [_ordinary(f"site{rank}.test", _links_at(rank), rows, rng) for rank in ranks]


def alike(rng: random.Random, kinds: tuple[LookAlike, ...] = LOOK_ALIKES) -> list[Place]:
    """Return the sites that look like leaks and are none."""
    return [
        _alike(kind, f"{name}.test", round(kind.links * rng.uniform(0.5, 1.5)), rng)
        for kind in kinds
        for name in kind.names
    ]


def harmless(host: str, count: int, rng: random.Random) -> list[WorldLink]:
    """Return so many links with real captions, for a site that serves other things as well."""
    rows = _endless(rng)
    return [_link(host, number, *next(rows), rng) for number in range(count)]


def _links_at(rank: int) -> int:
    return min(_LARGEST, max(1, int(_SCALE / (rank + _OFFSET) ** _SLOPE)))


def _endless(rng: random.Random) -> Iterator[tuple[str, str]]:
    rows = list(real())
    while True:
        rng.shuffle(rows)
        yield from ((as_written(caption, rng), path) for caption, path in rows)


def _ordinary(name: str, count: int, rows: Iterator[tuple[str, str]], rng: random.Random) -> Place:
    host = rng.choice(("www.", "", "cdn.")) + name
    opts_out = rng.random() < 0.02
    links = tuple(_link(host, number, *next(rows), rng) for number in range(count))
    return Place(name, "ordinary, opted out" if opts_out else "ordinary", links)


def _link(host: str, number: int, caption: str, path: str, rng: random.Random) -> WorldLink:
    mark = "&" if "?" in path else "?"
    return WorldLink(
        url=f"http://{host}{path}{mark}v={number}",
        caption=caption,
        punsafe=rng.betavariate(0.4, 12.0),
        outcome=_outcome(rng),
        flags=_everyday_flags(rng),
    )


def _outcome(rng: random.Random) -> str:
    return rng.choices(("ok", "gone", "denied"), (75, 20, 5))[0]


def _everyday_flags(rng: random.Random, names_people: float = 0.04) -> tuple[str, ...]:
    chances = (("exif_position", 0.03), ("camera_serial", 0.06), ("person_named", names_people))
    return tuple(flag for flag, chance in chances if rng.random() < chance)


def _alike(kind: LookAlike, name: str, count: int, rng: random.Random) -> Place:
    what, language = kind.words.split(".")
    templates = written()[what][language]["calm"]
    links = (_alike_link(what, name, number, kind, rng) for number in range(count))
    captioned = (
        replace(link, caption=filled(rng.choice(templates), language, rng)) for link in links
    )
    return Place(name, f"looks guilty: {what}", tuple(captioned))


def _alike_link(
    what: str, name: str, number: int, kind: LookAlike, rng: random.Random
) -> WorldLink:
    is_dicom = what == "dicom_samples"
    folder = {"stock": "stock-photo", "dicom_samples": "dicom/studies"}.get(what, "images")
    signed = 0.5 if what in ("news", "stock") else 0.04
    return WorldLink(
        url=f"http://www.{name}/{folder}/{number}.{'dcm' if is_dicom else 'jpg'}",
        caption="",
        punsafe=rng.betavariate(*kind.punsafe),
        outcome=_outcome(rng),
        flags=("dicom", "dicom_patient") if is_dicom else _everyday_flags(rng, signed),
        media_type="application/dicom" if is_dicom else "image/jpeg",
    )
