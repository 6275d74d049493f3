"""How fast pictures are fingerprinted, and how near to the reference.

Beside it, in the same run on the same pictures: a full decode with `pdqhash`, the binding of the
reference implementation.
"""
