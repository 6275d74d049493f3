"""Commands that need both sides: `analysis` to know what to ask, `crawler` to ask it.

Neither side knows the other, nor this package; the front door calls it.
"""
