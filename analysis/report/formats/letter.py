"""The report as plain text, which is the first part of every mail.

Room: web.
"""

from collections.abc import Sequence

from analysis.report.present import Presented, clock
from analysis.report.words import environment
from analysis.text import visible


def letter(shown: Presented, attachments: Sequence[str], listed: str) -> str:
    """Return the text of a mail, which names its attachments; `listed` is the one with the list."""
    layout = environment().get_template("mail.txt")
    report = shown.report
    ground = shown.words.text(report.ground)
    return layout.render(
        shown=shown,
        report=report,
        w=shown.words,
        ground=ground,
        asked=shown.words.text("asked"),
        reminder=shown.words.text("reminder") if shown.is_reminder else None,
        attachments=attachments,
        listed=listed,
        clock=clock,
        visible=visible,
    )
