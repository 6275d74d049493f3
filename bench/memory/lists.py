"""Lists of links to one server under many addresses, written without being held."""

from pathlib import Path

from bench.crawl.links import PICTURES, places


def write(path: Path, links: int, per_host: int, ports: list[int]) -> int:
    """Write `links` distinct URLs, `per_host` to a host, the hosts in turn; return how many hosts."""
    hosts = places(-(-links // per_host), ports)
    with path.open("w", encoding="utf-8") as file:
        for number in range(links):
            turn, at = divmod(number, len(hosts))
            file.write(f"http://{hosts[at]}/{number % PICTURES:03d}.jpg?link={turn}\n")
    return len(hosts)
