"""The removal list: rows that a dataset's makers are asked to leave out, as Parquet.

Room: sql.
"""

from pathlib import Path

import pyarrow.parquet as pq

from analysis import findings
from analysis.session import Session, Terms
from analysis.whole_file import whole
from crawler.records.errors import disk_failure

TERMS = Terms(stored=findings.TERMS.stored, tables=("removals",))


def write_removal_list(session: Session, target: Path) -> int:
    """Write `removals` to a Parquet file, in the order of the dataset; return its rows. Raises RunFailed."""
    query = "select * from removals order by source, source_row"
    rows = session.connection.sql(query).to_arrow_table()
    try:
        with whole(target) as file:
            pq.write_table(rows, file, compression="zstd")
    except OSError as error:
        raise disk_failure(f"cannot write {target}", error) from error
    return int(rows.num_rows)
