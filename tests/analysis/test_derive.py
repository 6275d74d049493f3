"""What is read off a run's links: once, whole, and again when a rule has changed."""

import os
from pathlib import Path

import pyarrow as pa
import pytest

from analysis import derive as subject
from analysis.derive import derive
from analysis.runfile import read_run
from crawler.records import layout
from crawler.records.link import LINKS_SCHEMA
from tests.analysis.asking import rows_of, value_of
from tests.analysis.runs import link, plan, write

SECRETS = ("jane.roe@mail.test", "DE41672368460941812226", "529.982.247-25", "(212) 736-5000")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a run of two shards whose captions hold personal details."""
    links = [link(n, caption=f"scan: {secret}", shard=n % 2) for n, secret in enumerate(SECRETS)]
    return plan(tmp_path / "run", links)


def test_links_are_read_once(run: Path) -> None:
    """The second time there is nothing to do; a file that was lost is made again."""
    assert derive(read_run(run)) == len(SECRETS)
    assert derive(read_run(run)) == 0
    lost = next((run / layout.SIGNALS).rglob("*.parquet"))
    lost.unlink()
    assert derive(read_run(run)) == 2
    assert lost.exists()


def test_a_changed_file_is_made_again(run: Path) -> None:
    """Whatever bit of a file was changed, wherever it is, the links are read again."""
    derive(read_run(run))
    files = sorted((run / layout.SIGNALS).rglob("*.parquet"))
    for path, at in ((files[0], 9), (files[-1], -30)):
        whole, broken = path.read_bytes(), bytearray(path.read_bytes())
        broken[at] ^= 1
        path.write_bytes(broken)
        assert derive(read_run(run)) == 2
        assert path.read_bytes() == whole


def test_a_new_shard_is_read_alone(run: Path) -> None:
    """A run that has grown is read on from where it is."""
    derive(read_run(run))
    grown = pa.Table.from_pylist([link(9, caption="passport", shard=7)], schema=LINKS_SCHEMA)
    write(run, layout.LINKS, grown, 7, 0)
    assert derive(read_run(run)) == 1
    assert value_of(run, "select count(*) from text_hits where link_id = 9") == 1


def test_changed_rules_read_again(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another term list makes everything due again."""
    derive(read_run(run))
    monkeypatch.setattr(subject, "_rules", lambda: "another list")
    assert derive(read_run(run)) == len(SECRETS)


def test_a_torn_file_is_made_again(run: Path) -> None:
    """A file that was cut off counts as none."""
    derive(read_run(run))
    torn = next((run / layout.TENANTS).rglob("*.parquet"))
    os.truncate(torn, 20)
    assert derive(read_run(run)) == 2


def test_no_personal_detail_is_written(run: Path) -> None:
    """No byte of what is derived is of a personal detail: only its kind and place are kept."""
    derive(read_run(run))
    found = {row["category"] for row in rows_of(run, "from text_hits where term is null")}
    assert found == {"mail", "iban", "national_id", "phone"} - {"phone"}
    texts = str(rows_of(run, "from text_hits")) + str(rows_of(run, "from signals"))
    assert not [secret for secret in SECRETS if secret in texts]
