"""Hosts of the fake internet that are asked whom to write to: registries, and sites with a desk."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.internet import PictureHost
from tests.internet.host import Certificate, Host
from tests.internet.messages import NOT_FOUND, Answer, Reply, Request, plain_text

VECTORS = Path(__file__).parents[1] / "vectors" / "rdap"


def recorded(name: str) -> bytes:
    """Return a real answer."""
    return (VECTORS / f"{name}.json").read_bytes()


def recorded_for(name: str, **members: Any) -> bytes:
    """Return a real answer, about another range or domain than it was."""
    return json.dumps(json.loads(recorded(name)) | members).encode()


def rdap_reply(body: bytes, status: int = 200) -> Reply:
    """Return an answer as registries send it."""
    return Reply(status=status, headers=(("Content-Type", "application/rdap+json"),), body=body)


def moved(location: str) -> Reply:
    """Return a redirect."""
    return Reply(status=302, headers=(("Location", location),))


class Registry(Host):
    """An RDAP server: path → what it answers; a list is answered one after the other."""

    def __init__(self, name: str, answers: Mapping[str, Reply | list[Reply]]) -> None:
        """Answer below `/rdap/`."""
        super().__init__(name)
        self.answers = {
            path: one if isinstance(one, list) else [one] for path, one in answers.items()
        }

    def look(self, request: Request) -> Answer:
        """Answer what is asked for, the last answer for good."""
        waiting = self.answers.get(request.path.removeprefix("/rdap/"), [NOT_FOUND])
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


class Site(PictureHost):
    """Serves pictures, and has a security.txt: path → what is there."""

    def __init__(
        self,
        name: str,
        files: Mapping[str, Reply] | None = None,
        *,
        robots_text: str | None = None,
        certificate: Certificate = Certificate.TRUSTED,
    ) -> None:
        """Serve these files besides the pictures."""
        super().__init__(name, robots_text=robots_text)
        self.files = files or {}
        self.certificate = certificate

    def look(self, request: Request) -> Answer:
        """Answer with a file by https, or with a picture."""
        found = self.files.get(request.path) if request.scheme == "https" else None
        return super().look(request) if found is None else found


def security(*lines: str, path: str = "/.well-known/security.txt") -> dict[str, Reply]:
    """Return a security.txt at its place."""
    return {path: plain_text("\n".join((*lines, "Expires: 2099-01-01T00:00:00Z", "")))}


def services(**servers: list[str]) -> str:
    """Return a bootstrap file: server → its top-level domains and blocks of addresses."""
    listed = [
        [entries, [f"https://{name.replace('_', '.')}/rdap/"]] for name, entries in servers.items()
    ]
    return json.dumps({"version": "1.0", "services": listed})
