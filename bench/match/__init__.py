"""How fast near PDQ hashes are found: stillup and its peers on the same hashes, with the same answer.

hashes.py    haystack and needles, at random and in clusters, from a seed
peers.py     one function a peer: haystack, needles → pairs
__main__.py  every peer in turn, again and again; the table in docs/performance.md
"""
