"""How fast links are walked: stillup and its peers on the same server, links and pictures.

links.py       pictures, places and lists: what is walked
servers.py     nginx, or own_server.py where there is none, on a core of its own
peers/         one program a peer; `peers/__init__.py` says how each is called
measure.py     one peer, one list: wall and CPU time, and whether every link was fetched
rounds.py      every peer in turn, again and again
table.py       medians, ratios, and the numbers to hold
page.py        the table in docs/performance.md, with the machine and the versions
"""
