"""How good the findings are, on worlds whose leaks are known: `python -m bench.findings`.

`worlds.py` makes a world and asks for its rankings, `score.py` measures a ranking, `table.py` draws.
"""
