"""Lists of hashes that others made: read, judged entry by entry, and counted.

    opened    a file's text: gzip, byte order marks, overlong lines
    formats   one file a format, one registry: text → Raw
    fields    which column or key means what
    judge     Raw → an entry that can be matched, or the reason why not
    gathered  millions of entries, packed
    read      all of it, a file at a time

A list comes from outside: nothing of it becomes a path or SQL text, and what of it is shown goes
through `crawler.records.shown`.
"""
