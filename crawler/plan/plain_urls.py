"""Cells that the WHATWG parser leaves as they are, told from the rest a column at a time.

Room: pure rules. What is plain here is its own wire URL, with its host as it is written and its
scheme's port: nine cells in ten of a real list. Everything else goes to `crawler.urls`, which
stays the one who decides; the tests hold the two together.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Lower-case labels without two hyphens in a row (`xn--` has them), the last one begun by a letter
# (or the host would be a number); a path whose segments begin neither with a dot nor with `%2e`;
# no character that a path or a query would have percent-encoded.
_LABEL = "(?:[a-z0-9_]|-[a-z0-9_])+"
_START = r"A-Za-z0-9_~!$&()*+,;=:@\-?|\[\]"
_PLAIN = rf"^https?://(?:{_LABEL}\.)*[a-z](?:{_LABEL})?(?:/(?:[{_START}][{_START}.%]*)?)+$"
# No label is too long for DNS in a host that is shorter than this, nor the URL for us.
_HOST_BYTES = 64
_URL_BYTES = 8000
_SCHEME_AND_SLASHES = 2  # pieces before the host when a URL is cut at its slashes


def plain_hosts(cells: pa.Array) -> pa.Array:
    """Return the host of each cell that is plain, null for the rest. Both are binary arrays."""
    plain = pc.and_(
        pc.match_substring_regex(cells, _PLAIN), pc.less(pc.binary_length(cells), _URL_BYTES)
    )
    is_plain = pc.fill_null(plain, False).to_numpy(zero_copy_only=False)
    pieces = pc.split_pattern(cells, "/", max_splits=_SCHEME_AND_SLASHES + 1)
    starts = pieces.offsets.to_numpy()[:-1] + _SCHEME_AND_SLASHES
    hosts = pieces.values.take(pa.array(starts, mask=~is_plain))
    return pc.if_else(pc.less(pc.binary_length(hosts), _HOST_BYTES), hosts, None)


def is_https(cells: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell which plain cells have the scheme https; the rest is false."""
    return np.asarray(pc.fill_null(pc.starts_with(cells, "https:"), False))
