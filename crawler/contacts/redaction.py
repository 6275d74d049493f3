"""What an RDAP answer says that it holds back (RFC 9537), as far as it is about addresses.

Room: pure rules. The paths are JSONPath in somebody's own writing; what is needed of one is whose
card it is about and which property, and that is read off its text.
"""

import re
from dataclasses import dataclass
from typing import Any

_ROLE = re.compile(r"roles[^=]*==\s*['\"]([a-z -]+)['\"]")
_PATHS = ("prePath", "postPath", "replacementPath")
_MOST = 200


@dataclass(frozen=True, slots=True)
class Redaction:
    """One thing that is held back. Without `roles` it may be of any card."""

    roles: frozenset[str]
    method: str

    def is_of(self, role: str) -> bool:
        """Tell whether the card of this role may be meant."""
        return not self.roles or role in self.roles

    @property
    def spoils(self) -> bool:
        """Tell whether an address that is still there is only a part of one."""
        return self.method == "partialValue"


def mail_redactions(answer: dict[str, Any]) -> tuple[Redaction, ...]:
    """Return the redactions of mail addresses that an answer lists."""
    listed = answer.get("redacted")
    found = []
    for one in listed[:_MOST] if isinstance(listed, list) else ():
        if not isinstance(one, dict):
            continue
        paths = " ".join(str(one.get(name, ""))[:500] for name in _PATHS)
        name = one.get("name")
        words = " ".join(map(str, name.values())) if isinstance(name, dict) else ""
        if "email" in paths or "email" in words[:500].lower():
            method = str(one.get("method", "removal"))  # the default (RFC 9537, 4.2)
            found.append(Redaction(frozenset(_ROLE.findall(paths)) or _roles_of(words), method))
    return tuple(found)


def _roles_of(words: str) -> frozenset[str]:
    """Return the role that a redaction's name speaks of, as "Registrant Email" does."""
    known = ("registrant", "technical", "tech", "administrative", "admin", "billing", "abuse")
    said = words.lower()
    return frozenset(role for role in known if role in said)
