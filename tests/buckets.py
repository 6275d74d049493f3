"""A real S3 protocol server on loopback, and a bucket in it.

What it was asked is in its log: a request is dear, so tests count them.
"""

import logging
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.request import Request, urlopen

BUCKET = "runs"
_ASKED = re.compile(r'"\S*?(GET|PUT|HEAD|POST|DELETE) (\S+) HTTP')


class _Log(logging.Handler):
    """Keeps the requests of the server."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        found = _ASKED.search(record.getMessage())
        if found is not None:
            self.asked.append((found[1], found[2]))


@dataclass(frozen=True, slots=True)
class ObjectStorage:
    """The server: `url` of its one bucket, where it listens, and what it was asked."""

    endpoint: str
    url: str = f"s3://{BUCKET}"
    log: _Log = field(default_factory=_Log)

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment variables that lead there."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
        }

    @property
    def client(self) -> Any:
        """Return another program's way to the same objects."""
        import boto3

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="key",
            aws_secret_access_key="secret",  # noqa: S106  (of a server that asks for none)
        )

    def counted(self) -> Counter[str]:
        """Return how many requests of each kind came since the last call; LIST is a GET's kind."""
        asked, self.log.asked[:] = list(self.log.asked), []
        return Counter("LIST" if "list-type=2" in path else method for method, path in asked)

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Have the server refuse everybody."""
        self._let_in("0")
        try:
            yield
        finally:
            self._let_in("inf")

    def _let_in(self, requests: str) -> None:
        url = f"{self.endpoint}/moto-api/reset-auth"
        plain = {"Content-Type": "text/plain"}
        asked = Request(url, requests.encode(), plain)  # noqa: S310  (http, loopback)
        with urlopen(asked):  # noqa: S310
            pass

    def keys(self, prefix: str = "") -> list[str]:
        """Return every key below a prefix."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", ())]


@contextmanager
def object_storage() -> Iterator[ObjectStorage]:
    """Run the server."""
    from moto.server import ThreadedMotoServer  # takes seconds, which few tests need

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    storage = ObjectStorage(f"http://{host}:{port}")
    logger = logging.getLogger("werkzeug")
    logger.addHandler(storage.log)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        storage.client.create_bucket(Bucket=BUCKET)
        yield storage
    finally:
        logger.removeHandler(storage.log)
        server.stop()
