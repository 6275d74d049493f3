"""The overview as one self-contained page.

Room: web. A plot is SVG in the page; what comes from outside is escaped by vl-convert there, and by
jinja2 in the tables.
"""

import base64
import hashlib
from pathlib import Path

from analysis.interval import Share
from analysis.liveness import Liveness
from analysis.overview.charts import svg
from analysis.overview.figures import Drawn
from analysis.report.words import environment
from analysis.text import visible
from analysis.wording import count, percent

_LAYOUT = Path(__file__).parent / "layout"


def overview(run: str, round_: int, liveness: Liveness, figures: list[Drawn]) -> str:
    """Return the overview of a run as HTML."""
    layout = environment(_LAYOUT)
    style = layout.get_template("overview.css").render()
    return layout.get_template("overview.html").render(
        run=visible(run),
        round=round_,
        liveness=liveness,
        share=_share(liveness.share_of_links),
        figures=[(drawn, svg(drawn)) for drawn in figures],
        style=style,
        style_digest=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        count=count,
        percent=percent,
    )


def _share(share: Share | None) -> str:
    if share is None:
        return "not judged yet"
    return f"{percent(share.share)} (95 % interval {percent(share.low)} to {percent(share.high)})"
