"""The review desk: `findings` and `review` in a browser, on this machine alone.

    browser ──server.py──▶ Asked ──doors.py (who may)──▶ desk.py ──▶ Told ──▶ browser
                                                          │ reads one session, writes only reviews

There is no script, no picture and no link out of it. What is decided here is what `stillup review`
writes.
"""
