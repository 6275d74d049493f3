"""Hash lists against a run: which links serve, served or were promised to be what a list names.

    hash lists ──entries──▶ DuckDB tables ─┐
    segments ──kept_index──▶ unique PDQs ──┴─near──▶ pairs ──search──▶ rows of `matches`
                                                      │
                              kept: RUN/matches, read by sql/matches.sql ──answer──▶ for a person

Exact hashes are a join. PDQ is asked of `analysis.hamming`, over an index in RUN/index that grows
with the run and can be deleted at any time.
"""
