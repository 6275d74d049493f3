"""A replay of what the real web answered in January 2019 for the links of CC3M's validation list.

What the recording says is replayed; what it does not say is drawn by a hash of the link or the host,
so that it is the same every time. `README.md` beside this file says which is which.
"""

from tests.internet.replay.hosts import ReplayHost, ReplayOptions, replay_hosts
from tests.internet.replay.recording import (
    RECORDED_PATH,
    SAMPLE_PATH,
    RecordedReply,
    Recording,
    recording,
)

__all__ = [
    "RECORDED_PATH",
    "SAMPLE_PATH",
    "RecordedReply",
    "Recording",
    "ReplayHost",
    "ReplayOptions",
    "recording",
    "replay_hosts",
]
