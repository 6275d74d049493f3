"""What captions mean: how near they are to prompts of each category, by a small sentence model.

`model.py` runs the model (the extra `semantic`), `encoder.py` is its arithmetic, `judge.py` says what
a likeness amounts to, `prompts.py` reads data/meanings.toml, `keep.py` keeps it beside the links.
"""
