"""Observation to report: what was seen, by now, and how sure that is.

    run.toml ──runfile──▶ RunFacts ─┐
    segments ──segments──▶ Listing ─┴─session──▶ DuckDB: tables.py makes sql/*.sql of it
                                                   │
             observations ─▶ looks ─▶ verdicts ─▶ domains, liveness_*, share_up
                                                   │
       sql (answers, prompt) · status (progress) · verdicts (liveness, interval) · publish

             findings ──review, desk/──▶ RUN/actions ──▶ reviews ──report/──▶ reports, RUN/reports
                                                      overview/ (a page of the whole run)

Segments are the truth. A session sees the whole, live segments of one moment through a file
system that can only read them (`filesystem`); if a compaction deletes one of them meanwhile, the
question is asked again of a new listing. `publish` writes the same tables into run.duckdb, where `sql`
reads those that are made of what is live (`made_of`, `published`).

Who hosts a link is a join with tables that are no run's own (`offline`); whom to write to is asked
by `crawler.contacts`, for `bridge.contacts`, and read here (`contacts`).

`recheck` closes the circle: what is due becomes the plan of the next round (`rounds`), which a crawl
looks at. `takedowns` and `survival` tell what became of reports.

What people do about a finding is written down by `actions`: the one thing here that is not derived.

Of `crawler` only `crawler.records` is known here, and `crawler.sealed`, by which `actions` writes.
Where the run lies, in a folder or a bucket, `storage` knows.
"""
