"""Fewer, larger segments: the files of a shard's folder merged, without any reader noticing.

    names, footers ──folder──▶ Piece ──blocks──▶ Block ──merge──▶ one file, sorted, sealed
                                                              └──▶ created under its range's name

A block's numbers are those that agree in all but their last bits (0-7, 8-15, 0-15), so the ranges
of any two compactions nest or do not touch, and no lock is needed: where both make the same file,
one is first. What a file covers is removed a while after it was made, once it is proved whole.
"""
