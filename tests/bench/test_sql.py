"""The bench of questions: however they are asked, the answer is the same."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.sql.__main__ import main
from bench.sql.questions import QUESTIONS


@pytest.mark.slow
def test_every_way_answers_alike(tmp_path: Path) -> None:
    """Small segments, compacted and published, by us and by DuckDB alone: one answer a question."""
    ran = CliRunner().invoke(
        main, ["--observations", "1", "--repeat", "1", "--folder", str(tmp_path)]
    )
    assert ran.exit_code == 0, ran.output
    asked = [
        line
        for line in ran.output.splitlines()
        if line.startswith(tuple(f"| {q} |" for q in QUESTIONS))
    ]
    assert len(asked) == len(QUESTIONS)
    assert all(line.endswith("| yes |") for line in asked)
