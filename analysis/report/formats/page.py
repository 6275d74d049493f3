"""The report as one self-contained page: no script, no picture, nothing that is loaded or clicked.

Room: web.
"""

import base64
import hashlib

from analysis.report.present import Presented, clock
from analysis.report.words import environment
from analysis.text import visible

# So many addresses of hosts stand in the first screen, and so many below; the others are folded up.
_FIRST_HOSTS, _SHOWN_HOSTS = 2, 32


def page_files(shown: Presented) -> dict[str, bytes]:
    """Return the page."""
    return {".html": page(shown).encode("utf-8")}


def page(shown: Presented) -> str:
    """Return a report as HTML."""
    style = environment().get_template("page.css").render()
    report = shown.report
    return (
        environment()
        .get_template("page.html")
        .render(
            shown=shown,
            report=report,
            w=shown.words,
            ground=shown.words.text(report.ground),
            asked=shown.words.text("asked"),
            reminder=shown.words.text("reminder") if shown.is_reminder else None,
            style=style,
            style_digest=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            first_hosts=report.hosts[:_FIRST_HOSTS],
            more_hosts=report.hosts[_FIRST_HOSTS:_SHOWN_HOSTS],
            other_hosts=report.hosts[_SHOWN_HOSTS:],
            clock=clock,
            visible=visible,
        )
    )
