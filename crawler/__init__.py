"""From a dataset's row to an observation: the life of a link, room by room.

    a row of Parquet, CSV, TSV, JSON Lines or text
     │  plan/formats/     reads it, one small file a format
     │  plan/columns.py   finds the URL and what the dataset promised of it
     ▼
    urls.py, domains.py   the URL taken apart (WHATWG), its registered domain (suffix list)
     │  plan/             equal URLs become one link; domains become shards
     ▼
    RUN/links/shard=00003/*.parquet                         (rundir.py: what a run is on disk)
     │  copied.py         of a run in a bucket: the shard, copied to this machine
     │  rounds.py         in later rounds: which of them `stillup recheck` has planned
     │  agenda.py         what of a shard is left to do, the slowest hosts first
     │  frontier.py       whose turn it is: this is Scrapy's scheduler
     ▼
    a visit: the links of one host that are walked in one go
     │  spiders/liveness.py, handler.py     one Scrapy request is one visit
     │  visit/            robots.txt, then link after link at the host's pace
     │  politeness.py, outcomes.py, robots.py, guard.py, media.py, redirects.py, nonsense.py,
     │  opt_out.py, tdm.py, doubt.py                the rules (earlier.py: who may vouch for us)
     │  pictures/                           what a picture tells, in a process of its own
     ▼
    an observation: what one look saw of one link
     │  pipeline.py, recorder.py, segments.py    written whole or not at all
     ▼
    RUN/observations/shard=00003/*.parquet                  (`analysis` takes it from here)

`engines/` gives shards their workers, `worker.py` is what each of them runs, `records/` are the
nouns that all rooms hand on, and `commands/` is the command line. What leaves the visit of a host
unfinished (a limit, a Retry-After, a stop) goes back to the frontier and is a later visit.
`contacts/` asks whom to write to about what was found, with the visit's client, and `offline/` are
the tables that no network gives.

This package never imports `analysis`.
"""
