"""What planning a list costs, from a million rows to fifty, and what that comes to for LAION-5B.

lists.py     made-up lists with the columns and the skew of real ones (lists.sql)
peers.py     what else could be done with such a list
measure.py   one program and its children: time, CPU, memory, disk
table.py     the table, what is extrapolated from it, and what has to hold
"""
