"""Many links as few lines: grouped by host and folder, so that ten thousand can be read.

Room: pure rules.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from analysis.report.model import ReportedLink

# As many groups as a page can hold; folders are cut shorter until there are no more.
MOST_GROUPS = 30
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Group:
    """The links below one address. `prefix` is an URL up to a folder; `example` is one of them."""

    prefix: str
    links: int
    example: str


def grouped(links: Iterable[ReportedLink], most: int = MOST_GROUPS) -> list[Group]:
    """Return links grouped by the deepest folders that make at most `most` groups, largest first.

    Where even the hosts are more, what is beyond is one last group with an empty prefix.
    """
    urls = [link.url for link in links]
    for depth in range(_DEEPEST, -1, -1):
        counts = Counter(_prefix(url, depth) for url in urls)
        if len(counts) <= most:
            break
    examples: dict[str, str] = {}
    for url in urls:
        examples.setdefault(_prefix(url, depth), url)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    groups = [Group(prefix, count, examples[prefix]) for prefix, count in ranked]
    if len(groups) <= most:
        return groups
    rest = groups[most - 1 :]
    return [*groups[: most - 1], Group("", sum(one.links for one in rest), rest[0].example)]


def _prefix(url: str, depth: int) -> str:
    """Return an URL up to its folder, at most `depth` folders deep: `http://a.test/x/`."""
    scheme, _, rest = url.partition("://")
    host, *folders = rest.partition("?")[0].split("/")
    return f"{scheme}://" + "".join(f"{part}/" for part in (host, *folders[:-1][:depth]))
