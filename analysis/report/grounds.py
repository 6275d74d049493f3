"""Which capacity a legal ground takes of the sender, and what is missing where it is not given.

Room: pure rules. What a notice must say is in the texts of `wording`; here is who may send it.
"""

from analysis.report.model import Capacity, Ground

_PERSONAL = (Capacity.AFFECTED, Capacity.AUTHORISED)
# GDPR Art. 17 is a right of the data subject; the Take It Down Act, section 3(a), takes a notice of the
# identifiable individual or of a person authorised to act for them. DSA Art. 16: "any individual or entity".
CAPACITIES = {
    Ground.GDPR17: _PERSONAL,
    Ground.TAKEITDOWN: _PERSONAL,
    Ground.DSA16: tuple(Capacity),
    Ground.TERMS: tuple(Capacity),
}


def objection(ground: Ground, capacity: Capacity) -> str | None:
    """Return why a sender in this capacity cannot appeal to this ground, or None."""
    if capacity in CAPACITIES[ground]:
        return None
    return (
        f"--ground {ground} is for the person affected: say --as affected or --as authorised; "
        "a third party has --ground dsa16 or terms"
    )
