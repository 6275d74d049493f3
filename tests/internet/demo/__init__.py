"""`make demo`: the main job on real links, against a replay of what the web answered in 2019.

    __main__.py     the whole of it, from the list to the survival curve
    first_look.py   plan, crawl, and what is still up
    reported.py     match, findings, a review, whom to write to, the reports
    afterwards.py   days go by, half of the sites comply, and the run is looked at again

Every step is a command that anybody could type; it is printed before it is run (`saying.py`). A dozen
sites that leak, which nobody has, are planted beside the real ones (`tests/internet/planted`).
"""
