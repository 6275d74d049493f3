"""Which statements may be asked of a run: those that read.

Room: sql. Only asks DuckDB's parser. This makes the refusal plain; what makes it safe is that
a session cannot write (`session`, `filesystem`).
"""

import duckdb

from analysis.text import one_line
from crawler.records.errors import WrongUse

# PIVOT is a MULTI: it makes an enum of its own on the way.
_READS = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN, duckdb.StatementType.MULTI)


def statements(text: str) -> tuple[duckdb.Statement, ...]:
    """Take `text` apart; raise WrongUse where it is not SQL, or a statement that does not read."""
    try:
        found = duckdb.extract_statements(text)
    except duckdb.Error as error:
        raise WrongUse(one_line(str(error))) from error
    for statement in found:
        if statement.type not in _READS:
            raise WrongUse(f"{statement.type.name}: a run is only read; ask with SELECT or EXPLAIN")
    return tuple(found)


def one_statement(text: str) -> duckdb.Statement:
    """Return the one statement of `text`; raise WrongUse where there is none or another one."""
    found = statements(text)
    if len(found) != 1:
        raise WrongUse(f"give one query, not {len(found)}; without QUERY, stdin may hold several")
    return found[0]


def explains(statement: duckdb.Statement) -> bool:
    """Tell whether a statement is an EXPLAIN, which answers with a drawing, not with rows."""
    return statement.type is duckdb.StatementType.EXPLAIN


def inner_text(statement: duckdb.Statement) -> str:
    """Return the statement as text that can stand in brackets."""
    return statement.query.strip().rstrip(";") + "\n"
