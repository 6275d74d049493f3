"""How fast pictures are fingerprinted, and how near to the reference.

Beside it, in the same run on the same pictures: a full decode with `pdqhash`, the binding of the
reference implementation.
"""

import os

from pictures.darkroom import ONE_THREAD

os.environ.update(ONE_THREAD)  # as where a crawl decodes, and before numpy is imported
