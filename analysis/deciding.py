"""Makes a review out of what a person said, or says what is wrong with it.

Room: pure rules.
"""

from datetime import datetime

from analysis.findings import Finding
from analysis.text import visible
from crawler.records.action import Decision, Review
from crawler.records.errors import WrongUse
from crawler.records.shown import shortened

_LONGEST = 2_000


def decided(
    finding: Finding,
    round_: int,
    decision: Decision,
    by: str | None,
    note: str | None,
    at: datetime,
) -> Review:
    """Return the review of a finding. Raises WrongUse where nobody, or nobody fit to be shown, decides."""
    refuse_unfit(by=by, note=note)
    if not (by or "").strip():
        raise WrongUse("say who decides: --by WHO")
    return Review(
        reviewed_at=at,
        round=round_,
        level=finding.level,
        place=finding.place,
        decision=decision,
        reviewer=(by or "").strip(),
        note=(note or "").strip() or None,
    )


def refuse_unfit(**texts: str | None) -> None:
    """Raise WrongUse for what could not be shown as it is, which nobody types on purpose."""
    for name, text in texts.items():
        if text is not None and (visible(text) != text or len(text) > _LONGEST):
            shown = visible(shortened(text, 60))
            raise WrongUse(f"{name}: {shown}: has control characters, or is too long")
