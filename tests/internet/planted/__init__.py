"""A dozen sites that leak and one that only looks so, planted beside the replay for `make demo`.

`planted.tsv` is what a dataset lists of them, under names that nobody can have (RFC 2606); the people
in it are invented. `sites.py` serves them, lets half of their operators comply, and has the registry
that says whom to write to; `inputs.py` writes the files that a run is given of all that.
"""
