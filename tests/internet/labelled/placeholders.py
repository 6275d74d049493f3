"""Hosts that show a picture for the picture that is gone.

Room: pure rules.
"""

from tests.internet.labelled.sayings import (
    Sends,
    Shows,
    ShowsStamped,
    asks_to_wait,
    refuses,
    shows_picture_of_the_day,
    shows_pixel,
    shows_size_wanted,
)
from tests.internet.labelled.site import Label, Links, Says, Site, alive, lost, not_found, numbered

# What lists like LAION promise of pictures: no two of a size.
_SIZES = [(640, 480), (800, 533), (300, 400), (1024, 768), (500, 500), (236, 354)]
_STAND_IN = Shows("stand-in")
_REMOVED = Shows("removed", body_bytes=4_500)


def welcoming() -> list[Site]:
    """Return hosts that show the stand-in for anything, nonsense too."""
    kind = "one stand-in for whatever is missing"
    stamped = "a stand-in that is never the same twice"
    return [
        Site(
            "all-lost.test",
            kind,
            lost(*numbered("/img/{}.jpg", 6), says=_STAND_IN),
            nonsense=_STAND_IN,
        ),
        Site(
            "half-lost.test",
            kind,
            alive(*numbered("/uploads/2014/05/{}.jpg", 4)),
            lost(*numbered("/uploads/2014/05/{}.jpg", 4, 5), says=_STAND_IN),
            nonsense=_STAND_IN,
        ),
        Site("one-link.test", kind, lost("/images/sunset.jpg", says=_STAND_IN), nonsense=_STAND_IN),
        Site("one-link-at-the-root.test", kind, lost("/a.png", says=_STAND_IN), nonsense=_STAND_IN),
        Site(
            "ids.test",
            kind,
            lost(*numbered("/p/88100{}/a.jpg", 5), says=_STAND_IN),
            nonsense=_STAND_IN,
        ),
        Site(
            "pixel.test",
            "a pixel for whatever is missing",
            alive(*numbered("/c/{}.gif", 3)),
            lost(*numbered("/c/{}.gif", 5, 4), says=shows_pixel),
            nonsense=shows_pixel,
        ),
        _stamped("stamped.test", stamped, 6, 2),
        _stamped("stamped-and-mostly-alive.test", stamped, 2, 30),
        Site(
            "stand-in-by-size.test",
            "a stand-in in the size that was asked for",
            lost(
                *numbered("/300x200/{}.jpg", 4),
                *numbered("/600x400/{}.jpg", 4),
                says=shows_size_wanted,
            ),
            nonsense=shows_size_wanted,
        ),
        Site(
            "of-the-day.test",
            "another picture each time",
            alive(*numbered("/pictures/{}.jpg", 4)),
            lost("/pictures/gone-long-ago.jpg", says=shows_picture_of_the_day),
            nonsense=shows_picture_of_the_day,
        ),
    ]


def _stamped(name: str, kind: str, gone: int, there: int) -> Site:
    says = ShowsStamped()
    targets = numbered("/photos/{}.jpg", gone + there, 10)
    return Site(name, kind, lost(*targets[:gone], says=says), alive(*targets[gone:]), nonsense=says)


def removed() -> list[Site]:
    """Return hosts that remember what they had: nonsense is answered in another way."""
    told = "a picture that says removed, in place, with sizes promised"
    untold = "a picture that says removed, in place, no sizes promised"
    return [
        Site("removed.test", told, *_half("/u/{}.jpg", 5, _REMOVED, sizes=True)),
        Site(
            "removed-and-shy.test",
            told,
            *_half("/u/{}.jpg", 5, _REMOVED, sizes=True),
            nonsense=refuses,
        ),
        Site("removed-few.test", untold, *_half("/u/{}.jpg", 4, _REMOVED)),
        Site("removed-many.test", untold, *_half("/u/{}.jpg", 55, _REMOVED)),
        Site(
            "removed-behind-a-wall.test",
            untold,
            *_half("/u/{}.jpg", 22, _REMOVED),
            nonsense=refuses,
        ),
        Site(
            "removed-and-busy.test",
            untold,
            *_half("/u/{}.jpg", 21, _REMOVED),
            nonsense=asks_to_wait,
        ),
        Site(
            "removed-elsewhere.test",
            "a redirect to a picture that says removed",
            *_half("/{}.jpg", 4, Sends("/removed.png")),
            nonsense=Sends("/removed.png"),
            more={"/removed.png": _REMOVED},
        ),
        Site(
            "unavailable.test",
            "a redirect to a picture that says removed",
            *_half(
                "/{}.jpg", 4, Sends("http://static.unavailable.test/images/photo_unavailable.png")
            ),
        ),
        Site(
            "static.unavailable.test",
            "a redirect to a picture that says removed",
            more={"/images/photo_unavailable.png": _REMOVED},
        ),
        Site(
            "quietly-removed.test",
            "a redirect to a picture with a name that says nothing",
            *_half("/{}.jpg", 3, Sends("/i/x7.png")),
            more={"/i/x7.png": _REMOVED},
        ),
        Site(
            "shut-off.test",
            "robots.txt keeps us from asking nonsense",
            *_half("/img/our-{}.jpg", 4, _STAND_IN, sizes=True),
            nonsense=_STAND_IN,
            robots_text="User-agent: *\nAllow: /img/our-\nDisallow: /img/\n",
        ),
        Site(
            "promised-stand-in.test",
            "the dataset saw the stand-in itself",
            Links(
                label=Label.ALIVE,
                targets=numbered("/img/{}.jpg", 4),
                says=_STAND_IN,
                sha256=_STAND_IN.sha256,
            ),
            nonsense=_STAND_IN,
        ),
        Site(
            "another-picture.test",
            "another picture than was promised",
            Links(
                label=Label.CHANGED,
                targets=numbered("/img/{}.jpg", 3),
                says=Shows("new", "image/jpeg", 30_000),
                sha256=_STAND_IN.sha256,
            ),
            nonsense=not_found,
        ),
    ]


def _half(pattern: str, gone: int, says: Says, *, sizes: bool = False) -> tuple[Links, Links]:
    """Return links that are there and links that are not, in one directory."""
    there = min(gone, 5)
    return (
        alive(*numbered(pattern, there), sizes=_SIZES if sizes else ()),
        lost(*numbered(pattern, gone, there + 1), says=says, sizes=_SIZES if sizes else ()),
    )
