"""Hosts that answer with a page, or with words, where a picture was; parked domains among them.

Room: pure rules.
"""

from tests.internet.labelled.sayings import (
    Sends,
    refuses,
    says_a_nonce,
    says_app,
    says_json,
    says_nothing,
    says_sorry,
    says_sorry_as_picture,
    says_text,
    says_what_was_asked,
)
from tests.internet.labelled.site import Links, Says, Site, alive, lost, not_found, numbered


def pages() -> list[Site]:
    """Return hosts that answer in place."""
    return [
        _site("constant-page.test", "the same page for whatever is missing", says_sorry),
        _site("page-with-the-url.test", "a page with the URL in it", says_what_was_asked),
        _site("page-with-a-nonce.test", "a page with a random number in it", says_a_nonce),
        _site("page-as-jpeg.test", "a page that is called image/jpeg", says_sorry_as_picture),
        _site("app.test", "an application's shell for whatever is missing", says_app),
        _site(
            "page-for-the-gone.test", "a page only for what was there once", says_sorry, not_found
        ),
        _site(
            "page-behind-a-wall.test", "a page only for what was there once", says_sorry, refuses
        ),
        _site("json.test", "an error in JSON, with 200", says_json),
        _site("text.test", "an error in plain text, with 200", says_text),
        _site("empty.test", "not a byte, with 200", says_nothing),
    ]


def redirects() -> list[Site]:
    """Return hosts that send on to a page."""
    front, error = "a redirect to the front page", "a redirect to an error page"
    login = "a redirect to a login page"
    return [
        _site("to-front.test", front, Sends("/"), more={"/": says_sorry}),
        _site("to-www-front.test", front, Sends("http://www.to-www-front.test/", 301)),
        Site("www.to-www-front.test", front, more={"/": says_sorry}),
        _site("to-language.test", front, Sends("/en/"), more={"/en/": says_sorry}),
        _site(
            "only-gone-to-front.test",
            front,
            Sends("/index.html"),
            not_found,
            {"/index.html": says_sorry},
        ),
        Site("moved.test", front, lost(*_targets(), says=Sends("http://new-owner.test/", 301))),
        Site("new-owner.test", front, more={"/": says_sorry}),
        _site("to-error.test", error, Sends("/404.html"), more={"/404.html": says_sorry}),
        _site(
            "to-error-with-url.test",
            error,
            Sends("/error?path={path}"),
            more={"/error": says_what_was_asked},
        ),
        _site("to-sorry.test", error, Sends("http://errors.to-sorry.test/page-not-found", 301)),
        Site("errors.to-sorry.test", error, more={"/page-not-found": says_sorry}),
        _site("to-login.test", login, Sends("/login?next={path}"), more={"/login": says_a_nonce}),
        _site(
            "only-gone-to-login.test",
            login,
            Sends("/accounts/signin/"),
            not_found,
            {"/accounts/signin/": says_sorry},
        ),
    ]


def parked() -> list[Site]:
    """Return domains that somebody holds for sale or for advertisements."""
    kind = "a parked domain"
    return [
        Site("parked.test", kind, _all_lost(says_sorry), nonsense=says_sorry),
        Site("parked-too.test", kind, _all_lost(says_a_nonce), nonsense=says_a_nonce),
        _sent("parked-by-sedo.test", kind, "http://www.sedoparking.com/parked-by-sedo.test"),
        Site("www.sedoparking.com", kind, nonsense=says_what_was_asked),
        _sent("for-sale.test", kind, "https://www.hugedomains.com/domain_profile.cfm?d=for-sale"),
        Site("www.hugedomains.com", kind, nonsense=says_what_was_asked),
        _sent("ww1.test", kind, "http://ww38.ww1.test{path}"),
        Site("ww38.ww1.test", kind, nonsense=says_what_was_asked),
        _sent("lander.test", kind, "/lander", {"/lander": says_sorry}),
    ]


def _targets() -> list[str]:
    return numbered("/wp-content/uploads/{}.jpg", 4)


def _all_lost(says: Says) -> Links:
    return lost(*_targets(), says=says)


def _sent(name: str, kind: str, to: str, more: dict[str, Says] | None = None) -> Site:
    return Site(name, kind, _all_lost(Sends(to)), nonsense=Sends(to), more=more)


def _site(
    name: str,
    kind: str,
    says: Says,
    nonsense: Says | None = None,
    more: dict[str, Says] | None = None,
) -> Site:
    """Return a host with links that are there and links that are not; nonsense fares like these."""
    return Site(
        name,
        kind,
        alive(*numbered("/media/{}.jpg", 2)),
        lost(*numbered("/media/{}.jpg", 4, 3), says=says),
        nonsense=nonsense or says,
        more=more,
    )
