"""`stillup refresh` of networks and RDAP servers, from a mirror on loopback."""

import json
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from analysis.offline import NETWORKS, offline_files
from crawler.offline.bootstrap import FILES, bootstrap
from crawler.offline.kept import DATA
from tests.crawler.offline.test_networks import ROWS, V6
from tests.runs import stillup_here


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def do_GET(self) -> None:
        """Break off tables under cut/ a row before their end."""
        folder, _, name = self.path.lstrip("/").rpartition("/")
        if folder != "cut" or not name.endswith(".csv"):
            self.path = f"/{name}"
            super().do_GET()
            return
        content = (Path(self.directory) / name).read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: content.rfind(b"\n", 0, -1) + 1])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, str]]:
    """Return a folder and where it is served; the cache is this test's alone."""
    (tmp_path / "www").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    handler = partial(_Quiet, directory=str(tmp_path / "www"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield tmp_path / "www", f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_tables_are_renewed(folder: tuple[Path, str]) -> None:
    """What a mirror has is proved, kept, and in use from then on."""
    www, mirror = folder
    (www / "package.json").write_text('{"version": "2.3.2031010203"}')
    (www / "asn-ipv4.csv").write_text("\n".join(ROWS))
    (www / "asn-ipv6.csv").write_text(V6)
    for name in FILES:
        (www / name).write_bytes((DATA / "rdap" / name).read_bytes())
    only = ("--only", "networks", "--only", "rdap")
    done = stillup_here("refresh", *only, "--mirror", mirror)
    assert done.returncode == 0, done.stderr
    assert "networks of 2031-01-02" in done.stdout
    assert offline_files()[NETWORKS].parent.name == "stillup"
    renewed = json.loads((www / "dns.json").read_bytes())
    renewed["services"] = [[["com"], ["https://new.test/"]]]
    (www / "dns.json").write_text(json.dumps(renewed))
    assert stillup_here("refresh", "--only", "rdap", "--mirror", f"{mirror}/").returncode == 0
    assert bootstrap().of_domain("a.com") == "https://new.test/"


def test_what_cannot_be_renewed_stays(folder: tuple[Path, str]) -> None:
    """Without a network, and where a page is at the place of a table, one line says so."""
    www, mirror = folder
    for url in ("http://127.0.0.1:9", mirror, "ftp://x.test"):
        done = stillup_here("refresh", "--only", "networks", "--only", "rdap", "--mirror", url)
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
        assert "What is in use stays" in done.stderr
    for name in ("package.json", "asn-ipv4.csv", "asn-ipv6.csv", *FILES):
        (www / name).write_text("<!doctype html><title>Sign in</title>")
    done = stillup_here("refresh", "--only", "networks", "--only", "rdap", "--mirror", mirror)
    assert done.returncode == 1
    assert "is no range of addresses" in done.stderr
    assert "is no RDAP bootstrap file" in done.stderr
    assert offline_files()[NETWORKS] == DATA / "asn" / "networks.parquet"
    assert bootstrap().of_domain("a.com") == "https://rdap.verisign.com/com/v1/"


def test_half_a_download_is_none(folder: tuple[Path, str]) -> None:
    """A table that ends early, even at the end of a row, is not kept."""
    www, mirror = folder
    (www / "package.json").write_text('{"version": "2.3.2031010203"}')
    (www / "asn-ipv4.csv").write_text("\n".join(ROWS) + "\n")
    (www / "asn-ipv6.csv").write_text(V6)
    done = stillup_here("refresh", "--only", "networks", "--mirror", f"{mirror}/cut")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "came only in part" in done.stderr
    assert offline_files()[NETWORKS] == DATA / "asn" / "networks.parquet"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS", f"{mirror}/list.dat")
        (www / "list.dat").write_text("// ===BEGIN ICANN DOMAINS===\ncom\n")
        done = stillup_here("refresh", "--only", "suffixes")
        assert "only a part of one" in done.stderr
        (www / "list.dat").write_text(
            "// ===BEGIN ICANN DOMAINS===\n// ===END PRIVATE DOMAINS===\n"
        )
        assert stillup_here("refresh", "--only", "suffixes").returncode == 0
