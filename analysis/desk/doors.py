"""Who may ask the desk: whoever holds its key, under its own name, from its own pages.

Room: pure rules. Any page in the same browser can send requests to 127.0.0.1, a name of a stranger
can be made to lead there (DNS rebinding), and so can any other user of the machine. So the Host must be ours,
the key must come as a cookie that no other site's request carries, and a decision must come from a
page of ours, with its token.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, taken apart. `headers` have lower-case names; `form` is of a POST."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Doors:
    """The desk's own port, and the secret of this start of it."""

    port: int
    key: str

    @property
    def cookie(self) -> str:
        """The name of the cookie; cookies know no ports, and two desks may run at once."""
        return f"stillup-{self.port}"

    @property
    def token(self) -> str:
        """What a form must bring; it tells nothing of the key."""
        return hmac.new(self.key.encode(), b"form", sha256).hexdigest()

    def refusal(self, asked: Asked) -> str | None:
        """Return why a request is not answered, or None."""
        hosts = {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}
        host = asked.headers.get("host", "")
        if host not in hosts:
            return "this is not the desk's own address"
        if not self.is_key(self._cookie(asked)):
            return "open the address that the desk printed when it started"
        if asked.method == "POST":
            if asked.headers.get("origin") != f"http://{host}":
                return "a decision must come from a page of the desk"
            if not hmac.compare_digest(asked.form.get("token", "").encode(), self.token.encode()):
                return "this page is of another start of the desk; reload it"
        return None

    def is_key(self, text: str) -> bool:
        """Tell whether a text is the key."""
        return hmac.compare_digest(text.encode("utf-8", "replace"), self.key.encode())

    def _cookie(self, asked: Asked) -> str:
        try:
            found = SimpleCookie(asked.headers.get("cookie", "")).get(self.cookie)
        except CookieError:
            return ""
        return found.value if found is not None else ""
