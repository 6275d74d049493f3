"""What a worker needs of memory, and whether that stays the same however long its list is.

lists.py     links of any number, written as they are made
worker.py    one worker walks one list; its resident memory is read meanwhile
table.py     the table, and what has to hold
"""
