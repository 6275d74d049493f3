"""Commands of stillup as processes that need not import everything first.

Most of what a small crawl costs is Python reading modules: some seconds of a processor for the
command and as much for each worker. Here one process a test session has read them, and forks for
every command: what comes out is a process with a pid, signals, pipes, an environment and an exit
status of its own, as any other. `server.py` is that process, `popen.py` the way to it, and
`modules.py` what it reads. Nothing of stillup is replaced; only where `subprocess.Popen` would
start `python -m` for one of ours does the server fork instead, also for the workers of a crawl.

What is about starting itself goes the true way (`tests.runs.STILLUP`): the README's plan and crawl, the
console, environments with faults, processes that are looked for by their parents or command lines.
"""

from tests.warm.popen import WarmPopen

__all__ = ["WarmPopen"]
