"""docs/signals.md, written from the registry: `python -m analysis.signals_page` prints it.

Room: command line.
"""

import sys

import duckdb

from analysis.contracts import Contract, SignalKind, contracts

_HEAD = """\
# Signals

A signal is one reason to suspect a link. None of them is a proof, and none of them is what a picture shows:
nobody has looked. Written from `analysis/sql/signals/*.yml` and `analysis/sql/signal_kinds.sql` by
`python -m analysis.signals_page`.

**Strength** is in points for each doubling: a place whose links have the signal twice as often as is met
elsewhere gets so many points, four times as often twice as many. **Usual** is the share of links that have
it where nothing leaks, which counts as much as 1,000 links of the run itself. How the points come
together is in the [guide](guide/findings.md), how good the result is in [findings](findings.md).

The strengths were set by hand, and mended on one labelled world (seed 1). The scale: a signal that
anybody's pictures may have weighs 0.02 to 0.2; one that whole innocent trades share, 0.4 to 0.6; one that is
seldom published on purpose, 0.8 to 2; the picture itself on a hash list, up to 8, so that a single link with
it leads. The usual shares of words were counted in Conceptual Captions, those of files and paths are
estimates.

| signal | strength | usual | |
|---|---:|---:|---|
"""
_MARKS = {
    "is_certain": "one hit is no chance",
    "counts_when_down": "also where links are gone",
}


def signals_page() -> str:
    """Return the page: every kind by strength, then file by file in words."""
    weights = _weights()
    files = [contract for contract in contracts() if contract.signals]
    rows = sorted(weights.items(), key=lambda item: (-item[1][0], item[0]))
    lines = [
        f"| [{kind}](#{kind}) | {strength:g} | {_share(usual)} | {marks} |"
        for kind, (strength, usual, marks) in rows
    ]
    return _HEAD + "\n".join(lines) + "\n" + "".join(map(_section, sorted(files, key=_name)))


def _weights() -> dict[str, tuple[float, float, str]]:
    [registry] = [contract for contract in contracts() if contract.name == "signal_kinds"]
    with duckdb.connect() as connection:
        found = connection.execute(registry.query).fetchall()
    return {
        kind: (
            float(strength),
            float(usual),
            ", ".join(words for words, holds in zip(_MARKS.values(), rest, strict=True) if holds),
        )
        for kind, strength, usual, *rest in found
    }


def _name(contract: Contract) -> str:
    return contract.name


def _section(contract: Contract) -> str:
    head = f"\n## {contract.name.removesuffix('_signals').replace('_', ' ').capitalize()}\n"
    path = f"analysis/sql/signals/{contract.name}.sql"
    return f"{head}\n[`{path}`](../{path})\n" + "".join(map(_kind, contract.signals))


def _kind(kind: SignalKind) -> str:
    return (
        f"\n### {kind.kind}\n\n{kind.meaning}\n\n"
        f"- Why it weighs what it weighs: {kind.why}\n"
        f"- Known false positives: {kind.false_positives}\n"
    )


def _share(share: float) -> str:
    return f"{100 * share:g} %"


if __name__ == "__main__":
    sys.stdout.write(signals_page())
