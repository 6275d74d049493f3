"""docs/reference/tables.md, written from the contracts: `python -m analysis.reference` prints it.

Room: command line.
"""

import sys

from analysis.contracts import Contract, contracts

_HEAD = """\
# Tables

What a query can read: with `stillup sql RUN` at any time, also during a crawl, and in
`RUN/run.duckdb` with any DuckDB client. Written from `analysis/sql/*.yml` by
`python -m analysis.reference`; the column comments in `run.duckdb` are the same.

All times are UTC. Digests are lower-case hex.
"""
_FIRST = ("links", "dataset_rows", "observations", "hosts", "verdicts")


def tables_page() -> str:
    """Return the page: the tables that a user starts from, then the others by name."""
    found = {contract.name: contract for contract in contracts()}
    others = sorted(name for name in found if name not in _FIRST)
    return _HEAD + "".join(_section(found[name]) for name in (*_FIRST, *others))


def _section(contract: Contract) -> str:
    grain = contract.grain[0].upper() + contract.grain[1:]
    key = ", ".join(f"`{name}`" for name in contract.key) or "none"
    lines = [f"\n## {contract.name}\n", f"{grain}. Key: {key}."]
    if not contract.published:
        lines.append("Only in `stillup sql`, not in `run.duckdb`.")
    lines += ["", "| column | type | meaning |", "|---|---|---|"]
    lines += [f"| `{one.name}` | `{one.type}` | {one.comment} |" for one in contract.columns]
    if contract.must_hold:
        lines += ["", "Always true:", ""]
        lines += [f"- {rule.words}: `{rule.condition}`" for rule in contract.must_hold]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(tables_page())
