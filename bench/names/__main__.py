"""Crawl hosts of one link each with a slow name server, with names looked up ahead and without, in turn.

Room: command line. Prints the seconds of each crawl and the ratio of the medians. The name server is
ours, answers after a set delay, and is the same for both.
"""

import argparse
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from tests.internet import FakeInternet, PictureHost
from tests.internet.odd_dns import OddNameServer, flags
from tests.runs import QUICK_POLICY, STILLUP, planned


def main() -> None:
    """Run each crawl so many times and say what they took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=2_000)
    parser.add_argument("--at-a-time", type=int, default=16)
    parser.add_argument("--delay", type=float, default=0.05, help="of the name server, in seconds")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    took: dict[int, list[float]] = {512: [], 0: []}
    with FakeInternet(
        [PictureHost(f"h{n}.n{n}.test", pictures=1) for n in range(asked.hosts)]
    ) as there:
        for _ in range(asked.rounds):
            for ahead, times in took.items():
                times.append(_crawled(there, asked, ahead))
    for ahead, times in took.items():
        print(f"names_ahead = {ahead}: {', '.join(f'{one:.1f}' for one in times)} s")
    ratio = statistics.median(took[0]) / statistics.median(took[512])
    print(f"ratio of the medians: {ratio:.2f}")


def _crawled(there: FakeInternet, asked: argparse.Namespace, ahead: int) -> float:
    urls = [f"http://h{n}.n{n}.test/0.jpg" for n in range(asked.hosts)]
    with (
        tempfile.TemporaryDirectory() as folder,
        OddNameServer(there.place.addresses, delay_s=asked.delay) as server,
    ):
        run = planned(Path(folder), urls)
        policy = Path(folder) / "policy.toml"
        policy.write_text(
            f"{QUICK_POLICY}hosts_at_a_time = {asked.at_a_time}\nnames_ahead = {ahead}\n"
        )
        where = ["--policy", str(policy), "--shard", "0", *flags(there.flags(), [server])]
        began = time.monotonic()
        contact = ("--contact", "https://example.org/bench")
        subprocess.run(
            [*STILLUP, "crawl", str(run), *contact, *where], check=True, capture_output=True
        )
        return time.monotonic() - began


if __name__ == "__main__":
    main()
