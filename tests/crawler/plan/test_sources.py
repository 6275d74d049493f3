"""What may be named as a source: files, folders, globs and URLs of file systems."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from crawler.plan.sources import find
from crawler.records.errors import RunFailed, WrongUse
from tests.crawler.plan.planned import SAMPLE, planned


def names(*sources: Path | str) -> list[str]:
    return [file.name for file in find([str(source) for source in sources]).files]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as downloads leave it: lists in two places, and other things."""
    (tmp_path / "lists" / "deep").mkdir(parents=True)
    lists = tmp_path / "lists"
    for name in (
        "b.csv",
        "a.tsv.gz",
        "deep/c.jsonl",
        "README.txt",
        "_SUCCESS",
        ".b.csv.crc",
        "x.tar",
    ):
        (lists / name).write_text("url\nhttp://a.example/\n")
    return lists


def test_folders_files_and_globs(folder: Path) -> None:
    """A folder gives its lists in order, and says what it passed over; a glob gives its matches."""
    found = find([str(folder)])
    lists = ["a.tsv.gz", "b.csv", "deep/c.jsonl"]
    assert [file.name for file in found.files] == [str(folder / name) for name in lists]
    assert found.skipped == (str(folder / "README.txt"), str(folder / "x.tar"))
    assert names(f"{folder}/*.csv", folder / "a.tsv.gz") == [
        str(folder / "b.csv"),
        str(folder / "a.tsv.gz"),
    ]
    assert names(f"{folder}/**/*.jsonl") == [str(folder / "deep" / "c.jsonl")]
    assert names(f"file://{folder}/b.csv") == [f"file://{folder}/b.csv"]


def test_names_stay_as_given(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative source gives relative names, so that a run does not tell where it was made."""
    monkeypatch.chdir(folder.parent)
    assert names("lists/b.csv") == ["lists/b.csv"]
    assert names("lists")[0] == "lists/a.tsv.gz"
    assert names("lists/*.csv") == ["lists/b.csv"]


def test_a_file_is_read_once(folder: Path) -> None:
    """A file that two sources name would be counted twice: it is refused."""
    with pytest.raises(WrongUse, match="is named twice"):
        find([str(folder), f"{folder}/*.csv"])


def test_a_folder_of_text(tmp_path: Path) -> None:
    """Text files are lists where a folder has nothing else."""
    (tmp_path / "urls.txt").touch()
    assert names(tmp_path) == [str(tmp_path / "urls.txt")]


def test_format_overrides_names(tmp_path: Path) -> None:
    """A name that tells no format needs --format, which overrules names that do."""
    file = tmp_path / "list"
    file.write_text("http://a.example/\n")
    with pytest.raises(WrongUse, match="say it with --format"):
        find([str(file)])
    assert planned(tmp_path / "run", file, format="text").links[0]["host"] == "a.example"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("nowhere/at/all.csv", "no such file, folder or glob"),
        ("gs://bucket/list.csv", "install"),
        ("nonsense://list.csv", "nonsense"),
    ],
)
def test_unusable_sources_are_told(source: str, words: str) -> None:
    """A source that is not there, or whose file system needs a package, is one line."""
    with pytest.raises(WrongUse, match=f"(?i){source}: .*{words}") as caught:
        find([source])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"plain text"])
def test_a_name_that_lies_is_told(tmp_path: Path, content: bytes) -> None:
    """A file called .gz that is none is not taken for an empty list."""
    file = tmp_path / "a.txt.gz"
    file.write_bytes(content)
    with pytest.raises(RunFailed, match="it is no gzip file"):
        planned(tmp_path / "run", file)


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """A bucket on a loopback S3 with a few lists in it."""
    import boto3

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        environment.setenv("AWS_ACCESS_KEY_ID", "key")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="lists")
        s3.put_object(Bucket="lists", Key="cc3m/part-0.tsv.gz", Body=SAMPLE.read_bytes())
        plain = b"a cat\thttp://a.example/1\nanother\thttp://a.example/2"
        s3.put_object(Bucket="lists", Key="cc3m/part-1.tsv", Body=plain)
        s3.put_object(Bucket="lists", Key="cc3m/torn.tsv.gz", Body=gzip.compress(plain)[:-4])
        s3.close()
        yield "s3://lists"
    server.stop()


def test_s3(bucket: str, tmp_path: Path) -> None:
    """An object, a glob and a folder on S3 are read without another package."""
    assert names(f"{bucket}/cc3m/part-1.tsv") == [f"{bucket}/cc3m/part-1.tsv"]
    assert len(names(f"{bucket}/cc3m")) == 3
    made = planned(tmp_path / "run", f"{bucket}/cc3m/part-*")
    assert len(made.rows) == 15_835
    assert made.link_of_row[f"{bucket}/cc3m/part-1.tsv", 1]["wire_url"] == "http://a.example/2"
    with pytest.raises(WrongUse, match="no such file"):
        find([f"{bucket}/nowhere.tsv"])
    with pytest.raises(RunFailed, match=r"torn\.tsv\.gz cannot be read to its end"):
        planned(tmp_path / "torn", f"{bucket}/cc3m/torn.tsv.gz")


def test_unreadable_file_is_told(tmp_path: Path) -> None:
    """A file that may not be read, or is gone when its turn comes, stops the plan with its name."""
    file = tmp_path / "a.txt"
    file.symlink_to(tmp_path / "nowhere")
    with pytest.raises((RunFailed, WrongUse), match=r"a\.txt"):
        planned(tmp_path / "run", file)
