"""Numbers and durations as a person reads them.

Room: pure rules.
"""


def count(number: float) -> str:
    """12345 → `12,345`."""
    return f"{number:,.0f}"


def percent(share: float | None) -> str:
    """0.8129 → `81.3 %`; None → `–`. Nearly all is `>99.9 %`, next to nothing `<0.1 %`."""
    if share is None:
        return "–"
    if 0 < share < 0.0005:
        return "<0.1 %"
    return ">99.9 %" if 0.9995 <= share < 1 else f"{100 * share:.1f} %"


def duration(seconds: float) -> str:
    """4980 → `1 h 23 min`: the two largest units that matter."""
    whole = round(seconds)
    days, hours, minutes = whole // 86_400, whole // 3600 % 24, whole // 60 % 60
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"
