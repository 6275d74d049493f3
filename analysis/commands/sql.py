"""`stillup sql`: ask a run in SQL.

Room: command line.
"""

import shutil
import sys

import click

from analysis.answers import FILE_FORMATS, open_answer, read_table
from analysis.drawing import draw
from analysis.printing import console, quiet_pipe, set_aside
from analysis.prompt import dot_command, gathered, prompt_session
from analysis.runfile import RunFacts, read_run
from analysis.session import ask, terms_of
from analysis.statements import one_statement, statements
from analysis.text import visible
from crawler.records.errors import RunFailed, WrongUse
from crawler.records.shown import error_line, visible_lines

ROWS_SHOWN = 100


@click.command()
@click.argument("run", type=click.Path(path_type=str))
@click.argument("query", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", *FILE_FORMATS]),
    default="table",
    help="How to print the answer; a table shows the first rows only.",
)
def sql(run: str, query: str | None, form: str) -> None:
    """Ask the run RUN in SQL, also while it is being crawled.

    Without QUERY there is a prompt; statements may also come from a pipe. A query can read the
    run's tables and nothing else, and it can write nothing. `.tables` at the prompt lists the tables.

    \b
    stillup sql runs/cc3m "select outcome, count(*) from observations group by outcome"
    stillup sql runs/cc3m "from verdicts" --format parquet > verdicts.parquet
    """  # noqa: D301 - the backspace is click's mark
    facts = read_run(run)
    if form == "parquet" and sys.stdout.isatty():
        raise WrongUse("parquet is not for a terminal; send it to a file: > answer.parquet")
    with quiet_pipe():
        if query is not None:
            _answer(facts, one_statement(query).query, form)
        elif sys.stdin.isatty():
            _talk(facts, form)
        else:
            for text in gathered(sys.stdin):
                if not _take(facts, text, form):
                    break


def _talk(facts: RunFacts, form: str) -> None:
    click.echo(f"{visible(facts.name)}: .help for help, .quit to leave")
    session = prompt_session()
    while True:
        try:
            if not _take(facts, session.prompt(), form):
                return
        except EOFError:
            return
        except KeyboardInterrupt:
            continue
        except RunFailed as error:
            click.echo(f"stillup: {error_line(str(error))}", err=True)


def _take(facts: RunFacts, text: str, form: str) -> bool:
    """Answer a dot command or statements; return False where it is time to leave."""
    if text.strip().startswith("."):
        return dot_command(text, click.echo)
    for statement in statements(text):
        _answer(facts, statement.query, form)
    return True


def _answer(facts: RunFacts, text: str, form: str) -> None:
    statement = one_statement(text)
    terms = terms_of(text)
    if form == "table":
        table = ask(
            facts, lambda session: read_table(session, statement, ROWS_SHOWN), terms, set_aside
        )
        draw(console(wide=True), table)
        return

    with ask(
        facts, lambda session: open_answer(session, statement, form), terms, set_aside
    ) as file:
        if sys.stdout.isatty():
            for line in file:
                click.echo(visible_lines(line.decode()), nl=False)
        else:
            shutil.copyfileobj(file, sys.stdout.buffer)
    sys.stdout.buffer.flush()
