"""The shapes of small internets that a forecast is held against: hosts of unequal size and temper."""

from dataclasses import dataclass, replace

from tests.internet import Host, PictureHost, Vanished
from tests.internet.host import Listening

POLICY = """
min_delay_s = {delay_s}
latency_factor = 2.0
domain_delay_s = {domain_delay_s}
address_delay_s = 0.0
host_retry_delay_s = 0.5
visit_s = 2.0
hosts_at_a_time = {hosts_at_a_time}
"""


class Refusing(Host):
    """A host that refuses every connection."""

    listening = Listening.REFUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Pictures and latency of the hosts that answer, how many do not, and how it is crawled."""

    name: str
    sizes: tuple[tuple[int, float], ...]  # pictures, seconds to the first byte
    crawl_delays: tuple[float, ...] = ()  # of the first hosts
    gone: int = 0
    refusing: int = 0
    delay_s: float = 0.3
    hosts_at_a_time: int = 512
    workers: int = 2  # each has one shard

    def policy(self) -> str:
        """Return the policy file of the crawl."""
        return POLICY.format(
            delay_s=self.delay_s,
            domain_delay_s=self.delay_s / 4,
            hosts_at_a_time=self.hosts_at_a_time,
        )

    def hosts(self) -> list[Host]:
        """Return the hosts."""
        names = [f"h{number}.domain{number}.test" for number in range(len(self.sizes))]
        delays = [*self.crawl_delays, *(0.0 for _ in names)]
        answering = [
            PictureHost(
                name,
                pictures=pictures,
                latency_s=latency_s,
                robots_text=f"User-agent: *\nCrawl-delay: {delay}\n" if delay else None,
            )
            for name, (pictures, latency_s), delay in zip(names, self.sizes, delays, strict=False)
        ]
        gone = [Vanished(f"gone{number}.test") for number in range(self.gone)]
        refusing = [Refusing(f"closed{number}.test") for number in range(self.refusing)]
        return [*answering, *gone, *refusing]

    def urls(self) -> list[str]:
        """Return the links: those of the hosts that answer, and five of each that does not."""
        urls = [
            url for host in self.hosts() if isinstance(host, PictureHost) for url in host.urls()
        ]
        names = [host.names[0] for host in self.hosts() if not isinstance(host, PictureHost)]
        return urls + [f"http://{name}/{number}.jpg" for name in names for number in range(5)]


_SKEWED = Shape(
    name="one large host",
    sizes=((90, 0.05), (40, 0.1), (25, 0.02), (12, 0.0), *((3, 0.05),) * 20),
    gone=4,
    refusing=2,
)
SHAPES = (
    _SKEWED,
    Shape(
        name="one slow host",
        sizes=((25, 0.6), (60, 0.02), (30, 0.1), *((4, 0.0),) * 15),
        gone=2,
        refusing=1,
    ),
    Shape(
        name="few hosts at a time",
        sizes=((20, 0.05), *((8, 0.05),) * 40),
        hosts_at_a_time=4,
        delay_s=0.2,
        gone=3,
    ),
    Shape(
        name="a Crawl-delay",
        sizes=((20, 0.05), (50, 0.05), *((5, 0.02),) * 12),
        crawl_delays=(1.5,),
        refusing=2,
    ),
    replace(_SKEWED, name="one worker", workers=1),
)
