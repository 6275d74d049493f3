"""A run's tables in a DuckDB connection: first the segments, then every file of `analysis/sql`.

Room: sql. Texts are built only of our own files, names of the schemas and quoted segment names.
"""

from collections.abc import Collection, Iterable, Iterator

import pyarrow as pa
from duckdb import DuckDBPyConnection

from analysis.contracts import Contract, contracts, with_what_they_read
from analysis.filesystem import SCHEME
from analysis.offline import NETWORKS, provider_rules
from analysis.segments import SCHEMAS, Listing

PUBLISHED = "published"
_TYPES = {
    pa.bool_(): "boolean",
    pa.uint8(): "utinyint",
    pa.uint16(): "usmallint",
    pa.uint32(): "uinteger",
    pa.uint64(): "ubigint",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float32(): "float",
    pa.float64(): "double",
    pa.string(): "varchar",
    pa.timestamp("us", "UTC"): "timestamp with time zone",
}


def quoted(text: str) -> str:
    """Return a text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def create_segments(
    connection: DuckDBPyConnection,
    listing: Listing,
    facts: Collection[tuple[str, str]],
    wanted: Collection[str] | None = None,
) -> None:
    """Create the schema `segments`: a view of each table's files, and `meta` of run.toml's facts.

    Columns that older segments lack are null in their rows. `wanted` are the ones that are created;
    None is all.
    """
    connection.execute("create schema segments")
    for table, schema in SCHEMAS.items():
        if not _is_wanted(table, wanted):
            continue
        if listing.files[table]:
            if table in listing.grown:
                _create_empty(connection, f"{table}_columns", schema)
            rows = rows_of_files(listing, table, listing.files[table])
            connection.execute(f"create view segments.{table} as {rows}")
        else:
            _create_empty(connection, table, schema)
    columns = [[fact[place] for fact in facts] for place in (0, 1)]
    said = "unnest(?::varchar[]) as key, unnest(?::varchar[]) as value"
    connection.execute(f"create table segments.meta as select {said}", columns)
    _create_offline(connection, wanted)


def create_tables(
    connection: DuckDBPyConnection,
    stored: Collection[str] = (),
    wanted: Collection[str] | None = None,
    published: Collection[str] = (),
) -> None:
    """Create the views of `analysis/sql`; those in `stored` as tables, computed once and now.

    `wanted` are the ones that are created with all that they read; None is all of them.
    `published` are there already, as tables of the database PUBLISHED.

    DuckDB binds a view to its roots when it is created, which takes long for one that reads much.
    So all are first there with the columns of their contracts and nothing else, and each is bound
    to those (docs/decisions/0108-a-view-is-bound-to-promises.md).
    """
    needed = None if wanted is None else with_what_they_read(wanted, published)
    found = [one for one in contracts() if needed is None or one.name in needed]
    connection.execute("; ".join(_first(one, published=one.name in published) for one in found))
    own = [one for one in found if one.name not in published]
    for contract in reversed(own):
        if contract.name not in stored:
            connection.execute(f"create or replace view {contract.name} as {contract.query}")
    for contract in own:
        if contract.name in stored:
            name = contract.name
            connection.execute(f"drop view {name}; create table {name} as {contract.query}")


def _first(contract: Contract, *, published: bool) -> str:
    """Return the statement that makes a view: what is published, or the promise of its columns."""
    if published:
        return f"create view {contract.name} as from {PUBLISHED}.main.{contract.name}"
    columns = ", ".join(f'null::{column.type} as "{column.name}"' for column in contract.columns)
    return f"create view {contract.name} as select {columns}"


def describe_tables(
    connection: DuckDBPyConnection, catalog: str, found: Iterable[Contract]
) -> None:
    """Write grain and column comments of stored tables into the database `catalog`."""
    statements = [text for contract in found for text in _comments(catalog, contract)]
    connection.execute(f"begin; {'; '.join(statements)}; commit")  # one by one, each is synced


def rows_of_files(listing: Listing, table: str, paths: Iterable[str]) -> str:
    """Return SQL text for the rows of some of a listing's files, with the columns of their table."""
    schema, grown = SCHEMAS[table], table in listing.grown
    names = ", ".join(quoted(f"{SCHEME}://{path}") for path in paths)
    columns = ", ".join(f'"{name}"' for name in schema.names)
    source = f"read_parquet([{names}], hive_partitioning = false, union_by_name = {grown})"
    if grown:
        source = f"(from segments.{table}_columns union all by name from {source})"
    return f"select {columns} from {source}"


def _is_wanted(name: str, wanted: Collection[str] | None) -> bool:
    return wanted is None or name in wanted


def _create_offline(connection: DuckDBPyConnection, wanted: Collection[str] | None) -> None:
    """Create what no run holds: the table of networks, and the signs of products."""
    if _is_wanted("networks", wanted):
        name = quoted(f"{SCHEME}://{NETWORKS}")
        connection.execute(f"create view segments.networks as from read_parquet({name})")
    if _is_wanted("provider_rules", wanted):
        connection.register("offline_rules", provider_rules())
        connection.execute("create table segments.provider_rules as from offline_rules")
        connection.unregister("offline_rules")


def _comments(catalog: str, contract: Contract) -> Iterator[str]:
    table = f"{catalog}.{contract.name}"
    yield f"comment on table {table} is {quoted(contract.grain)}"
    for column in contract.columns:
        yield f'comment on column {table}."{column.name}" is {quoted(column.comment)}'


def _create_empty(connection: DuckDBPyConnection, table: str, schema: pa.Schema) -> None:
    columns = ", ".join(f'"{one.name}" {_type_of(one.type)}' for one in schema)
    connection.execute(f"create table segments.{table} ({columns})")


def _type_of(kind: pa.DataType) -> str:
    """Return what DuckDB makes of an Arrow type, without asking it: that takes ten times as long."""
    if pa.types.is_list(kind):
        return f"{_type_of(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        fields = (kind.field(place) for place in range(kind.num_fields))
        inner = ", ".join(f'"{one.name}" {_type_of(one.type)}' for one in fields)
        return f"struct({inner})"
    return "blob" if pa.types.is_fixed_size_binary(kind) else _TYPES[kind]
