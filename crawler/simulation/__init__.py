"""A crawl in virtual time: how long, how much, and what bounds it.

    hosts and their links: a run's (planned.py) or a made-up list's (synthetic.py, data/simulation.toml)
     │                            │
     │ few enough                 │ any number
     ▼                            ▼
    exact.py                     bounds.py, schedule.py
     │ the crawl's own walker,    │ from below: what hosts, domains, slots, processors and lines
     │ hosts, turns and frontier  │ each take of a shard; then shards among workers as a crawl
     │ on a clock that jumps      │ hands them out
     │ (loop.py, network.py)      │
     ▼                            ▼
    forecast.py                  how long and how much, beside the least that it could take

What is simulated exactly is the crawl's own code over a network that opens no socket. What is not is
computed from the same rules (`crawler/politeness.py`, `crawler/plan/shards.py`) and held against the
former (docs/decisions/0100).
"""
