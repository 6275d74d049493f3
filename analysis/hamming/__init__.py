"""Which 256-bit hashes of two sets are near each other, and none missed.

words        32 bytes ↔ four 64-bit words
pigeonhole   which chunks of the bits must agree, and how nearly
multi_index  the pairs, by tables of the smaller set that the larger one streams past
brute        the pairs, by looking at all of them
nearby       the cheaper of the two

Nothing here knows what the hashes are of.
"""
