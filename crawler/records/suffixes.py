"""The rules of a public suffix list as a tree of labels, and where the suffix of a name begins.

Room: pure rules. A rule is the first word of a line, and comments begin with slashes, as tldextract
reads the list; that one takes a third of a second to be imported and to read it. The tests hold every
rule to what it says.
"""

import re
from collections.abc import Sequence

# The rules below a label, by the next label to the left. `END` is there where a rule ends, and has
# another one in it where that rule is of the private section.
Rules = dict[str, "Rules"]
END = ""
_RULE = re.compile(r"^[.*!]*\w\S*", re.MULTILINE)
_PRIVATE = "// ===BEGIN PRIVATE DOMAINS==="


def rules_of(text: str, *, private: bool) -> Rules:
    """Return the rules of a list, with or without its private section, as hosts spell them (A-labels)."""
    root: Rules = {}
    of_all, _, of_some = text.partition(_PRIVATE)
    _add(root, of_all, {})
    if private:
        _add(root, of_some, {END: {}})
    return root


def _add(root: Rules, text: str, end: Rules) -> None:
    for suffix in _RULE.findall(text):
        rules = root
        for label in reversed(suffix.split(".")):
            rules = rules.setdefault(_as_in_hosts(label), {})
        rules[END] = end


def _as_in_hosts(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"


def public_suffix(labels: Sequence[str], rules: Rules) -> tuple[int, bool] | None:
    """Return at which label a name's longest rule begins, and whether it is private; None without one."""
    found: tuple[int, bool] | None = None
    for at in range(len(labels) - 1, -1, -1):
        label = labels[at]
        if label in rules:
            rules = rules[label]
            found = (at, bool(rules[END])) if END in rules else found
        elif "*" in rules:
            return at + ("!" + label in rules), bool(rules["*"].get(END))
        else:
            break
    return found
