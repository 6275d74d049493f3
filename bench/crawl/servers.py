"""The server that every peer asks, in a process of its own: nginx, or ours where there is none."""

import getpass
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from bench.crawl.cores import Cores
from bench.crawl.failed import BenchFailed

_NGINX = """\
daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid {folder}/nginx.pid;
{user}
events {{ worker_connections 8192; }}
http {{
    access_log off;
    log_not_found off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    keepalive_timeout 75s;
    open_file_cache max=1024 inactive=10m;
    types {{ image/jpeg jpg; }}
    {temporary}
    server {{
        {listen}
        root {pictures};
        allow 127.0.0.0/8;
        deny all;
    }}
}}
"""
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def nginx() -> str | None:
    """The nginx program, or None. It is often outside an ordinary user's PATH."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def kind_of(wanted: str) -> str:
    """`auto`, `nginx` or `own` → the server that will be used."""
    if wanted == "nginx" and nginx() is None:
        raise BenchFailed("nginx is not installed; install it or use --server own")
    if wanted == "auto":
        return "own" if nginx() is None else "nginx"
    return wanted


@contextmanager
def serving(
    kind: str, pictures: Path, ports: list[int], work: Path, cores: Cores
) -> Iterator[None]:
    """Serve `pictures` on `ports` of every loopback address while the block runs."""
    folder = work / "server"
    folder.mkdir(parents=True, exist_ok=True)
    command = _nginx_command(folder, pictures, ports) if kind == "nginx" else _own(pictures, ports)
    with cores.server(), (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_until_up(server, ports[-1], folder / "server.log")
        yield
    finally:
        server.terminate()
        server.wait(timeout=10)


def _own(pictures: Path, ports: list[int]) -> list[str]:
    return [sys.executable, "-m", "bench.crawl.own_server", str(pictures), *map(str, ports)]


def _nginx_command(folder: Path, pictures: Path, ports: list[int]) -> list[str]:
    config = folder / "nginx.conf"
    config.write_text(
        _NGINX.format(
            folder=folder,
            pictures=pictures,
            user=f"user {getpass.getuser()};" if os.geteuid() == 0 else "",
            temporary="\n    ".join(f"{name}_temp_path {folder}/{name};" for name in _TEMPORARY),
            listen="\n        ".join(f"listen {port} backlog=4096;" for port in ports),
        )
    )
    log = str(folder / "nginx.log")
    return [str(nginx()), "-p", str(folder), "-e", log, "-c", str(config)]


def _wait_until_up(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 10
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urlopen(f"http://127.0.0.1:{port}/000.jpg", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise BenchFailed(f"the server did not start: see {log}")
