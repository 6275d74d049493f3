"""DuckDB as commands open it: what they print is theirs alone."""

from contextlib import closing

from crawler.database import cursor, in_memory


def test_no_connection_draws_a_progress_bar() -> None:
    """After two seconds of a query DuckDB would draw one into standard output, file or not."""
    with closing(in_memory()) as connection, closing(cursor(connection)) as another:
        for one in (connection, another):
            asked = one.execute("select current_setting('enable_progress_bar')")
            assert asked.fetchall() == [(False,)]


def test_what_is_not_said_is_left_to_duckdb() -> None:
    """Memory, threads and the folder for the rest are as they were asked for, or DuckDB's own."""
    with closing(in_memory("48MB", 1)) as connection:
        [(threads, memory)] = connection.execute(
            "select current_setting('threads'), current_setting('memory_limit')"
        ).fetchall()
    assert (threads, memory) == (1, "45.7 MiB")
