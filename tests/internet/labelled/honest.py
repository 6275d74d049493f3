"""Hosts that serve what they should, in ways that look suspicious, and hosts that say no.

Room: pure rules.
"""

from tests.internet.labelled.sayings import (
    Sends,
    Shows,
    ShowsAs,
    ShowsFormat,
    asks_to_wait,
    refuses,
    says_app,
    says_gone,
    says_sorry,
    shows_by_directory,
    shows_svg,
)
from tests.internet.labelled.site import (
    Label,
    Links,
    Says,
    Site,
    alive,
    lost,
    not_found,
    numbered,
    own_picture,
)

_LOGO = Shows("logo", body_bytes=6_000)
_SHARED = Shows("a picture that many liked", "image/jpeg", 25_000)
_CHAIR = Shows("a chair", "image/jpeg", 25_000)
_FORMATS: dict[str, Says] = {
    "/a.webp": ShowsFormat("WEBP", "image/webp"),
    "/b.avif": ShowsFormat("AVIF", "image/avif"),
    "/c.gif": ShowsFormat("GIF", "image/gif"),
    "/d.bmp": ShowsFormat("BMP", "image/bmp"),
    "/e.tiff": ShowsFormat("TIFF", "image/tiff"),
    "/f.jp2": ShowsFormat("JPEG2000", "image/jp2"),
    "/g.ico": ShowsFormat("ICO", "image/x-icon"),
    "/h.svg": shows_svg,
}


def repeating() -> list[Site]:
    """Return hosts that serve one picture under several URLs, and mean it."""
    kind, variants = "one picture under several names", "one picture under many queries"
    copies = [f"{directory}/logo.png" for directory in ("", "/a", "/b/c", "/img", "/static")]
    queries = numbered("/photo.jpg?w={}00", 9)
    renamed = numbered("/shop/chair-{}.jpg", 8)
    return [
        Site("logo.test", kind, alive(*copies, says=_LOGO), alive("/img/team.jpg")),
        Site("logo-behind-a-wall.test", kind, alive(*copies, says=_LOGO), nonsense=refuses),
        Site("logo-in-an-app.test", kind, alive(*copies, says=_LOGO), nonsense=says_app),
        Site("shop.test", kind, alive(*renamed, says=_CHAIR)),
        Site("shop-behind-a-wall.test", kind, alive(*renamed, says=_CHAIR), nonsense=refuses),
        Site(
            "shop-with-sizes.test",
            kind,
            alive(*numbered("/shop/chair-{}.jpg", 24), says=_CHAIR, sizes=[(800, 800)]),
            nonsense=refuses,
        ),
        Site("queries.test", variants, alive(*queries)),
        Site("queries-behind-a-wall.test", variants, alive(*queries), nonsense=refuses),
        Site("queries-in-an-app.test", variants, alive(*queries), nonsense=says_app),
    ]


def odd() -> list[Site]:
    """Return hosts that serve real pictures in odd ways."""
    museum = ShowsAs("text/html; charset=utf-8")
    return [
        Site(
            "museum.test", "real pictures as text/html", alive(*numbered("/obj/{}", 6), says=museum)
        ),
        Site(
            "formats.test",
            "every format",
            *(alive(name, says=says) for name, says in _FORMATS.items()),
        ),
        Site(
            "app-alive.test",
            "an application with real pictures",
            alive(*numbered("/i/{}.jpg", 6)),
            nonsense=says_app,
        ),
        Site(
            "moved-to-cdn.test",
            "a redirect to the picture",
            alive(*numbered("/{}.jpg", 4), says=Sends("http://cdn.moved-to-cdn.test{path}", 301)),
            nonsense=Sends("http://cdn.moved-to-cdn.test{path}", 301),
        ),
        Site(
            "cdn.moved-to-cdn.test",
            "a redirect to the picture",
            more=dict.fromkeys(numbered("/{}.jpg", 4), own_picture),
        ),
        Site(
            "404-art.test",
            "a redirect to the picture",
            alive("/404.png", "/missing-dog.jpg", "/login.png", says=Sends("/full{path}")),
            alive("/7", says=Sends("/art/missing-dog.jpg")),
            more={
                f"/full/{name}": own_picture for name in ("404.png", "missing-dog.jpg", "login.png")
            }
            | {"/art/missing-dog.jpg": own_picture},
        ),
        Site(
            "any-name.test",
            "any name behind an id",
            alive(*(f"/comp/D4E2{n}K/cat.jpg" for n in range(4)), says=shows_by_directory),
            nonsense=shows_by_directory,
        ),
        Site(
            "any-name-behind-a-word.test",
            "any name behind a word",
            *(
                alive(f"/{word}/large.jpg", says=shows_by_directory)
                for word in ("harbour", "meadow", "tower")
            ),
            nonsense=shows_by_directory,
        ),
        Site(
            "canonical.test",
            "a redirect to the one true name",
            *(alive(f"/90210{n}/old.jpg", says=Sends(f"/90210{n}/new.jpg", 301)) for n in range(4)),
            more={f"/90210{n}/new.jpg": own_picture for n in range(4)},
        ),
    ]


def shared() -> list[Site]:
    """Return the hosts of a domain that many people share."""
    kind = "a domain that many share"
    living = [
        Site(
            f"{who}.blogs.test",
            kind,
            alive("/holiday.jpg", "/cat.jpg"),
            alive(f"/{who}-liked-this.jpg", says=_SHARED),
        )
        for who in ("ann", "ben", "cleo", "dan", "eve", "fay")
    ]
    gone = Sends("http://www.blogs.test/")
    return [
        *living,
        Site("left.blogs.test", kind, lost(*numbered("/{}.jpg", 3), says=gone), nonsense=gone),
        Site("www.blogs.test", kind, more={"/": says_sorry}),
    ]


def refusing() -> list[Site]:
    """Return hosts that say what is the case."""
    wall = "a wall"
    return [
        Site("honest.test", "404 for what is gone", alive(*numbered("/a/{}.jpg", 4)), _dead(4)),
        Site("all-gone.test", "404 for what is gone", _dead(3)),
        Site("says-410.test", "404 for what is gone", _dead(3, says=says_gone), nonsense=says_gone),
        Site("wall.test", wall, alive(*numbered("/a/{}.jpg", 3)), _blocked(), nonsense=refuses),
        Site("robots.test", wall, _blocked(), robots_text="User-agent: *\nDisallow: /\n"),
        Site(
            "busy.test", "429 for nonsense", alive(*numbered("/a/{}.jpg", 4)), nonsense=asks_to_wait
        ),
    ]


def _dead(count: int, says: Says = not_found) -> Links:
    return Links(label=Label.DEAD, targets=numbered("/gone/{}.jpg", count), says=says)


def _blocked() -> Links:
    return Links(label=Label.BLOCKED, targets=numbered("/hidden/{}.jpg", 3), says=refuses)
