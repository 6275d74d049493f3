"""The look afterwards from end to end: a dozen sites are reported, and half of them comply."""

import pytest

from tests.internet.aftermath import RUN, complied, leak_sites, main
from tests.runs import ROOT, ask, rows


@pytest.mark.slow
def test_half_of_the_sites_comply() -> None:
    """What the takedowns of the demo say is what the operators did."""
    main()
    sites = leak_sites()
    first, *others = complied(sites)
    states = dict(ask(ROOT / RUN, "select place, any_value(state) from takedowns group by place"))
    assert {place for place, state in states.items() if state == "back"} == set(first.names)
    gone = {name for host in others for name in host.names}
    assert {place for place, state in states.items() if state == "gone"} == gone
    assert sum(state == "up" for state in states.values()) == len(sites) - len(others) - 1
    days = ask(ROOT / RUN, "select distinct round(days, 1) from takedowns order by 1")
    assert days == [(1.0,), (3.0,), (7.0,)]
    assert {row["round"] for row in rows(ROOT / RUN)} == {1, 2, 3, 4}
