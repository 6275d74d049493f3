"""What a session lets nobody do, and that it reads on while others write."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from analysis.runfile import read_run
from analysis.segments import list_segments
from analysis.session import Session, Terms, ask, open_session
from crawler.records import layout
from crawler.records.errors import RunFailed, WrongUse
from tests.analysis.asking import value_of
from tests.analysis.runs import crawl, link, look, plan, publish_some, seal_all, small_run
from tests.warm.call import calling

WORDS = "the secret of another folder"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a run in a folder whose name is a pattern and a quote."""
    return small_run(tmp_path / "it's a run*[1]")


@pytest.fixture(scope="module", params=["segments", "published"])
def cell(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[tuple[Path, Session]]:
    """Return a run with a link out of it, beside a secret, and one session for every attempt.

    Once the session reads segments alone, once run.duckdb as well.
    """
    folder = tmp_path_factory.mktemp("cell")
    (folder / "secret.csv").write_text(f"a\n{WORDS}\n")
    run = small_run(folder / "it's a run*[1]")
    (run / "evil").symlink_to(folder / "secret.csv")
    terms = Terms()
    if request.param == "published":
        seal_all(run)
        publish_some(run)
        terms = Terms(tables=("links", "observations", "domains"), published=True)
    with open_session(read_run(run), list_segments(run), terms) as session:
        assert bool(session.published) is terms.published
        yield run, session


# Each is tried as it is, past the check of statements; {out} is the folder beside the run.
ESCAPES = [
    "from read_csv('{out}/secret.csv')",
    "from '{out}/secret.csv'",
    "from read_text('{out}/secret.csv')",
    "from read_blob('{run}/../secret.csv')",
    "from read_text('run://../secret.csv')",
    "from read_text('run:///etc/passwd')",
    "from read_text('run://{out}/secret.csv')",
    "from read_text('run://run.toml')",
    "from read_text('run://evil')",
    "from read_text('{run}/evil')",
    "from read_text('/etc/passwd')",
    "from read_json('/etc/passwd')",
    "from read_parquet('/proc/self/environ')",
    "from parquet_metadata('{out}/secret.csv')",
    "from sniff_csv('{out}/secret.csv')",
    "from read_duckdb('{out}/other.duckdb')",
    "from glob('{out}/*')",
    "from glob('/etc/*')",
    "select getenv('HOME')",
    "copy (select 1) to '{out}/made.csv'",
    "copy (select 1) to '{run}/made.csv'",
    "copy (select 1 as a) to '{run}/{segment}' (format parquet, use_tmp_file false)",
    "copy (select 1 as a) to 'run://{segment}' (format parquet, use_tmp_file false)",
    "with x as materialized (copy (select 1 as a) to 'run://{segment}' (use_tmp_file false)) from x",
    "with x as materialized (copy (select 1 as a) to '{run}/{segment}' (use_tmp_file false)) from x",
    "with x as materialized (copy (select 1 as a) to '{out}/made.csv') from x",
    "explain analyze copy (select 1 as a) to 'run://{segment}' (use_tmp_file false)",
    "explain analyze copy (select 1 as a) to '{run}/{segment}' (use_tmp_file false)",
    "from query('copy (select 1) to ''{out}/made.csv''')",
    "copy links from '{out}/secret.csv'",
    "attach '{out}/made.duckdb'",
    "attach '{run}/run.duckdb' as other",
    "export database '{out}/made'",
    "import database '{out}/made'",
    "install httpfs",
    "load httpfs",
    "from read_csv('http://127.0.0.1:1/x')",
    "from read_csv('https://127.0.0.1:1/x')",
    "from read_csv('s3://bucket/x')",
    "set enable_external_access = true",
    "set lock_configuration = false",
    "set allowed_directories = ['/']",
    "set temp_directory = '{out}/made'",
    "set python_enable_replacements = true",
    "reset allowed_directories",
    "pragma enable_profiling",
    "pragma profiling_output = '{out}/made'",
    "call enable_logging(storage = 'file', storage_path = '{out}/made')",
    "create persistent secret (type s3, key_id 'a', secret 'b')",
    "from duckdb_secrets()",
    "from WORDS",
    "copy (select 1 as a) to 'run://run.duckdb' (use_tmp_file false)",
    "copy (select 1 as a) to 'run://run.duckdb.wal' (use_tmp_file false)",
    "copy (select 1 as a) to '{run}/run.duckdb' (use_tmp_file false)",
    "with x as materialized (copy (select 1 as a) to 'run://run.duckdb' (use_tmp_file false)) from x",
    "with x as materialized (copy (select 1 as a) to '{run}/run.duckdb' (use_tmp_file false)) from x",
    "with x as materialized (copy (select 1) to '{run}/run.duckdb.wal' (use_tmp_file false)) from x",
    "attach 'run://run.duckdb' as writable",
    "create table published.made as select 1",
    "delete from published.observations",
    "from read_text('run://run.duckdb.proof')",
]


@pytest.mark.parametrize("escape", ESCAPES)
def test_no_escape(escape: str, cell: tuple[Path, Session]) -> None:
    """A statement that leaves the run fails or finds nothing, and no file anywhere has changed."""
    run, session = cell
    before = fingerprint(run.parent)
    segment = f"{layout.OBSERVATIONS}/shard=00000/00000001.parquet"
    quoted = {"out": str(run.parent).replace("'", "''"), "run": str(run).replace("'", "''")}
    with contextlib.suppress(duckdb.Error):
        found = session.connection.execute(escape.format(**quoted, segment=segment)).fetchall()
        assert found == []
    assert fingerprint(run.parent) == before


def fingerprint(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content."""
    return {str(at): at.read_bytes() for at in sorted(folder.rglob("*")) if at.is_file()}


def test_a_missing_run_is_one_line(tmp_path: Path) -> None:
    """Without a run.toml there is no run, and the message says how to make one."""
    with pytest.raises(RunFailed, match="stillup plan"):
        read_run(tmp_path)
    with pytest.raises(WrongUse, match="a run lies in a folder, or at s3://"):
        read_run("ftp://host/run")


def test_a_torn_run_file_is_one_line(tmp_path: Path) -> None:
    """A run.toml that is not TOML is said so."""
    (tmp_path / "run.toml").write_text("round = = 1")
    with pytest.raises(RunFailed, match="cannot be read as a run"):
        read_run(tmp_path)


def test_a_compaction_under_a_question_is_asked_again(run: Path) -> None:
    """When a listed file vanishes before it is read, the answer comes from a new listing."""
    folder = run / layout.OBSERVATIONS / "shard=00000"
    counts: list[int] = []

    def work(session: Session) -> object:
        if not counts:
            os.link(folder / layout.segment_name(1), folder / layout.segment_name(0, 1))
            (folder / layout.segment_name(1)).unlink()
        counts.append(1)
        return session.connection.execute("select count(*), min(url) from observations").fetchone()

    only = Terms(tables=["observations"])
    assert ask(read_run(run), work, only) == (68, "http://a.s3.amazonaws.com/9.jpg")
    assert len(counts) == 2


def test_a_fault_of_the_question_is_not_asked_again(run: Path) -> None:
    """A broken query is an error at once."""
    with pytest.raises(WrongUse, match="does not exist"):
        ask(
            read_run(run),
            lambda session: session.connection.execute("from nowhere"),
            Terms(tables=()),
        )


def test_memory_limit_is_kept_and_spills(run: Path) -> None:
    """A session may be told how much memory it has; what does not fit goes to its scratch folder."""
    query = "select count(*) from (select range as a, uuid() as b from range(1500000) order by b)"

    def work(session: Session) -> object:
        limit = session.connection.execute("select current_setting('memory_limit')").fetchone()
        assert limit == ("95.3 MiB",)
        return session.connection.execute(query).fetchone()

    assert ask(read_run(run), work, Terms(tables=(), memory_limit="100MB")) == (1_500_000,)


def test_no_file_stays_open(run: Path) -> None:
    """After a question every descriptor is closed: a prompt may be open for days."""
    value_of(run, "select count(distinct url) from observations")
    before = len(list(Path("/dev/fd").iterdir()))
    value_of(run, "select count(distinct url) from observations")
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_counts_only_grow_while_workers_write(tmp_path: Path) -> None:
    """With four writers that compact, one killed midway, no question fails and no count shrinks."""
    plan(tmp_path, [link(number) for number in range(4000)])
    writers = [calling(keep_writing, tmp_path, shard) for shard in range(4)]
    count, questions = 0, 0
    while any(writer.poll() is None for writer in writers):
        found = value_of(tmp_path, "select count(*) from observations where url is null")
        assert found >= count
        count, questions = found, questions + 1
        if count > 100:
            writers[0].kill()
        time.sleep(0.01)
    for writer in writers:
        writer.communicate(timeout=60)
    assert [writer.returncode for writer in writers[1:]] == [0, 0, 0]
    assert questions > 3
    assert value_of(tmp_path, "select count(*) from observations") >= 3 * 15 * 20


def keep_writing(folder: str, number_of_shard: str) -> None:
    """Add 15 segments to a shard; after every fifth, cover the five and delete them at once."""
    run, shard = Path(folder), int(number_of_shard)
    for number in range(15):
        seen = [look(number * 20 + i, shard=shard) for i in range(20)]
        crawl(run, seen, segment=number)
        time.sleep(0.05)
        if number % 5 == 4:
            covered = [look((number - 4) * 20 + i, shard=shard) for i in range(100)]
            crawl(run, covered, segment=number - 4, last=number)
            for old in range(number - 4, number + 1):
                (
                    run / layout.shard_folder(layout.OBSERVATIONS, shard) / layout.segment_name(old)
                ).unlink()


def test_plain_duckdb_is_not_so_shy(run: Path) -> None:
    """The escapes are real: a DuckDB with the same paths allowed overwrites a segment from a CTE."""
    path = run / layout.OBSERVATIONS / "shard=00000" / "00000001.parquet"
    text = str(path).replace("'", "''")
    before = path.read_bytes()
    with duckdb.connect() as connection:
        connection.execute(f"set allowed_paths = ['{text}']")
        connection.execute("set enable_external_access = false")
        connection.execute(
            "with x as materialized (copy (select 1 as a) "
            f"to '{text}' (format parquet, use_tmp_file false)) from x"
        ).fetchall()
    assert path.read_bytes() != before
