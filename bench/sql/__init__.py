"""How fast a run answers in SQL: from small segments, compacted ones, and real tables.

world.py      a run of any number of observations, from a seed: few domains have most links
questions.py  what users ask, as `stillup sql` and as plain DuckDB are asked it
ways.py       one function a way to ask: place, question → rows
table.py      the table, and what has to hold
__main__.py   every way in turn, again and again; the table in docs/performance.md
"""
