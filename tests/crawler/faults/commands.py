"""Runs commands of stillup one after the other in this process, and prints how each ended.

The argument is a JSON list of lists of arguments.
"""

import json
import sys

from tests.runs import stillup_here

if __name__ == "__main__":
    found = [stillup_here(*arguments) for arguments in json.loads(sys.argv[1])]
    print(json.dumps([vars(one) for one in found]))
