"""Where a run lies: a folder of this machine, or a bucket of object storage.

Both sides of stillup read and write a run; neither knows which of the two it has. `open_store`
turns a location into a `Store`: names in, bytes out, and a `create` that fails where somebody was
first, which is the fence of every segment and every lease. `Folder` is the one on this machine.
"""
