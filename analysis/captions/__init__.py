"""What captions and URLs say: terms by category, and personal data, found without keeping any.

`folding.py` makes text comparable, `terms.py` reads data/terms, `words.py` finds terms in a batch,
`numbers.py` finds personal data, `batch.py` puts them together: texts in, hits out.
"""
