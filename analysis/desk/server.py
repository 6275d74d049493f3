"""Serves the desk on 127.0.0.1, to one browser at a time.

Room: web. Takes requests apart, with bounds; what they mean is the desk's.
"""

import re
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from urllib.parse import parse_qsl, urlsplit

from analysis.desk.desk import Desk, Told
from analysis.desk.doors import Asked

_LONGEST_FORM = 32_768
_MOST_FIELDS = 20
_TIMEOUT_S = 10


class DeskServer(ThreadingHTTPServer):
    """A server of one desk. Browsers open connections ahead, so each has its thread; answers wait in line."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.desk: Desk | None = None
        self.turn = Lock()

    def handle_error(self, request: object, client_address: object) -> None:
        """Tell of an error as it is; that a browser went away before its answer is none."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    timeout = _TIMEOUT_S
    server_version, sys_version = "stillup", ""

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch("[0-9]{1,9}", length) or int(length) > _LONGEST_FORM:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        self._answer(_fields(self.rfile.read(int(length)).decode("utf-8", "replace")))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing: an address has the name of a place in it."""

    def _answer(self, form: dict[str, str]) -> None:
        try:
            parts = urlsplit(self.path)
        except ValueError:
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, parts.path, _fields(parts.query), headers, form)
        assert isinstance(self.server, DeskServer)  # noqa: S101
        assert self.server.desk is not None  # noqa: S101
        with self.server.turn:
            self._send(self.server.desk.tell(asked))

    def _send(self, told: Told) -> None:
        content = told.content.encode("utf-8")
        self.send_response(told.status)
        for name, value in told.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _fields(text: str) -> dict[str, str]:
    """Return the fields of a query or form; none where there are too many."""
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        return {}
