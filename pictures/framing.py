"""What frames the pictures and answers between `darkroom.py` and the process that decodes.

Room: records. Its own file, so that whoever asks imports no decoder.
"""

import struct

REQUEST = struct.Struct(">??Q")  # all orientations? the parts as well? and the picture's bytes
ANSWER = struct.Struct(">I")  # the bytes of a fingerprint's JSON
