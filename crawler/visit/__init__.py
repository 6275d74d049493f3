"""The network room: one visit, from the first look-up of the host's name to its last link.

    walk.py      the visit: robots.txt, then link after link at the host's pace
     ├ canary.py   what the host says to nonsense, once, looked at as a link is
     └ look.py   one link: redirects, HEAD and its fall-back → Observation
        └ fetch.py     one request → Answer, with every deadline and limit
           ├ body.py       decode, hash and sniff a body as it streams by
           ├ connect.py    the only place that opens a connection: address guard, --connect-to (addressed.py)
           │  ├ dns.py       names → addresses, and why not; foresight.py asks before anybody waits
           │  │  └ look_up.py   one name, over the name servers; name_server.py is one of them
           │  └ kept.py      connections that are kept alive between requests
           ├ wire.py       a connection, and one exchange on it at a time
           └ failures.py   every exception of httptools, ssl and look-ups → Outcome
    hosts.py     whose turn it is to be asked; host_state.py is what is known of each host
    ask.py       a request in its host's turn; robots_reader.py reads the rules of every origin so
    doubt.py     whether a failure is the host's, or our own network's
    develop.py   what pictures tell, made beside the walk; files.py for when no file is left to open

Room: network. Is handed a visit and hands on observations; may not judge what they mean.
"""
