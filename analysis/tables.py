"""A run's tables in a DuckDB connection: first the segments, then every file of `analysis/sql`.

Room: sql. Texts are built only of our own files, names of the schemas and quoted segment names.
"""

from collections.abc import Collection, Iterable

import pyarrow as pa
from duckdb import DuckDBPyConnection

from analysis.contracts import Contract, contracts
from analysis.filesystem import SCHEME
from analysis.segments import Listing
from crawler.records import layout
from crawler.records.link import DATASET_ROWS_SCHEMA, LINKS_SCHEMA
from crawler.records.observation import HOSTS_SCHEMA, OBSERVATIONS_SCHEMA

SCHEMAS = {
    layout.LINKS: LINKS_SCHEMA,
    layout.DATASET_ROWS: DATASET_ROWS_SCHEMA,
    layout.OBSERVATIONS: OBSERVATIONS_SCHEMA,
    layout.HOSTS: HOSTS_SCHEMA,
}


def quoted(text: str) -> str:
    """Return a text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def create_segments(
    connection: DuckDBPyConnection, listing: Listing, facts: Iterable[tuple[str, str]]
) -> None:
    """Create the schema `segments`: a view of each table's files, and `meta` of run.toml's facts."""
    connection.execute("create schema segments")
    for table, schema in SCHEMAS.items():
        if listing.files[table]:
            connection.execute(_view_of_files(table, schema, listing.files[table]))
        else:
            _create_empty(connection, table, schema)
    connection.execute("create table segments.meta (key varchar, value varchar)")
    for fact in facts:
        connection.execute("insert into segments.meta values (?, ?)", fact)


def create_tables(connection: DuckDBPyConnection, stored: Collection[str] = ()) -> None:
    """Create every view of `analysis/sql`; those in `stored` as tables, computed once and now."""
    for contract in contracts():
        kind = "table" if contract.name in stored else "view"
        connection.execute(f"create {kind} {contract.name} as {contract.query}")


def describe_tables(
    connection: DuckDBPyConnection, catalog: str, found: Iterable[Contract]
) -> None:
    """Write grain and column comments of stored tables into the database `catalog`."""
    for contract in found:
        table = f"{catalog}.{contract.name}"
        connection.execute(f"comment on table {table} is {quoted(contract.grain)}")
        for column in contract.columns:
            name = f'{table}."{column.name}"'
            connection.execute(f"comment on column {name} is {quoted(column.comment)}")


def _view_of_files(table: str, schema: pa.Schema, paths: Iterable[str]) -> str:
    names = ", ".join(quoted(f"{SCHEME}://{path}") for path in paths)
    columns = ", ".join(f'"{name}"' for name in schema.names)
    source = f"read_parquet([{names}], hive_partitioning = false)"
    return f"create view segments.{table} as select {columns} from {source}"


def _create_empty(connection: DuckDBPyConnection, table: str, schema: pa.Schema) -> None:
    connection.register("nothing_yet", schema.empty_table())
    connection.execute(f"create table segments.{table} as from nothing_yet")
    connection.unregister("nothing_yet")
