"""`python -m tests.internet.labelled` measures anew and renews docs/guide/soft-404.md.

Room: command line.
"""

import tempfile
from pathlib import Path

from tests.internet.labelled.measure import crawl_labelled, score
from tests.internet.labelled.page import BODY, MODES, PAGE, body_tables, modes_table, with_measured


def main() -> None:
    """Crawl the labelled hosts in every mode and write the tables into the page."""
    found = {}
    for mode in ("body", "sniff", "head"):
        with tempfile.TemporaryDirectory() as folder:
            found[mode] = crawl_labelled(Path(folder), mode)
    text = PAGE.read_text(encoding="utf-8")
    text = with_measured(text, BODY, body_tables(found["body"]))
    scores = [(mode, score(judged)) for mode, judged in found.items()]
    PAGE.write_text(with_measured(text, MODES, modes_table(scores)), encoding="utf-8")


if __name__ == "__main__":
    main()
