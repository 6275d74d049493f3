"""What a host is sent: one frozen `Report` a place and round, written in many formats.

    reviews, reportable_links, live_links ─┐
    providers, contacts ── hosting.py ─────┴─ draft.py ──▶ Report (model.py)
                                                             │ canonical.py   its JSON, and the sha256 of it
                         RUN/actions ◀── what was reported ──┤
                                                             │ formats/       one file a format
       wording/en, de, fr, es ── words.py ───────────────────┴─▶ bytes ── files.py ──▶ RUN/reports

A report is drafted once and kept as its canonical JSON; every format is made of that alone, without a
clock, so the same report gives the same bytes whenever it is written. There is no picture in any of
it, no caption, and no name but the sender's.
"""
