"""Draws figures as SVG, without a browser.

Room: web. Altair and vl-convert are the extra `report`, imported where they are used.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from analysis.overview.figures import Drawn
from crawler.records.errors import WrongUse

# Told apart by people who see red and green alike (ColorBrewer PuOr and PRGn, neutral grey).
COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "alive": "#1b7837",
        "changed": "#7fbf7b",
        "soft_dead": "#fdb863",
        "dying": "#e08214",
        "dead": "#7f3b08",
        "blocked": "#8073ac",
        "transient": "#c2a5cf",
        "unasked": "#d9d9d9",
        "unknown": "#bdbdbd",
        "not reviewed": "#8073ac",
        "due": "#7f3b08",
        "reported": "#1b7837",
        "known": "#7fbf7b",
        "not live": "#bdbdbd",
        "dismissed": "#d9d9d9",
        "something speaks against it": "#7f3b08",
        "nothing against it": "#bdbdbd",
    }
)
_WIDTH = 620
_ROW = 20


def svg(drawn: Drawn) -> str:
    """Return a figure as SVG. Raises WrongUse where the extra `report` is not installed."""
    try:
        import altair as alt
        import vl_convert
    except ImportError as error:
        raise WrongUse(
            "--overview draws with the extra `report`: pip install altair vl-convert-python"
        ) from error
    chart = _grid(alt, drawn) if drawn.figure.is_grid else _bars(alt, drawn)
    config = {"font": "sans-serif", "axis": {"labelLimit": 320, "labelFontSize": 11}}
    found: str = vl_convert.vegalite_to_svg(
        chart.properties(width=_WIDTH).to_dict() | {"config": config}
    )
    return found


def _values(alt: Any, drawn: Drawn) -> Any:
    order = list(COLOURS)
    rows = [
        {"name": bar.name, "part": bar.part, "amount": bar.amount, "order": order.index(bar.part)}
        for bar in drawn.bars
        if bar.part in COLOURS
    ]
    return alt.Data(values=rows)


def _bars(alt: Any, drawn: Drawn) -> Any:
    parts = [part for part in COLOURS if any(bar.part == part for bar in drawn.bars)]
    colours = alt.Scale(domain=parts, range=[COLOURS[part] for part in parts])
    return (
        alt.Chart(_values(alt, drawn))
        .mark_bar()
        .encode(
            x=alt.X(
                "amount:Q", stack="zero", title=drawn.figure.amount, axis=alt.Axis(tickCount=6)
            ),
            y=alt.Y("name:N", sort=drawn.names, title=None),
            color=alt.Color("part:N", scale=colours, title=None, legend=alt.Legend(orient="top")),
            order="order:Q",
        )
        .properties(height=_ROW * len(drawn.names))
    )


def _grid(alt: Any, drawn: Drawn) -> Any:
    base = alt.Chart(_values(alt, drawn)).encode(
        x=alt.X(
            "part:N", sort=list(COLOURS), title=None, axis=alt.Axis(orient="top", labelAngle=0)
        ),
        y=alt.Y("name:N", sort=drawn.names, title=None),
    )
    largest = max(bar.amount for bar in drawn.bars)
    squares = base.mark_rect().encode(
        color=alt.Color("amount:Q", scale=alt.Scale(scheme="purples"), legend=None)
    )
    dark = alt.condition(alt.datum.amount > largest / 2, alt.value("white"), alt.value("black"))
    numbers = base.mark_text().encode(text=alt.Text("amount:Q", format=",.0f"), color=dark)
    return (squares + numbers).properties(height=(_ROW + 4) * len(drawn.names))
