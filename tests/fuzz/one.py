"""`python -m tests.fuzz.one TARGET [libFuzzer's arguments]`: one target under atheris, until told.

Needs atheris (tests/fuzz/requirements.lock), which is imported here and nowhere else.
"""

import sys

import atheris


def main() -> None:
    """Fuzz the target that the first argument names; libFuzzer takes the others."""
    with atheris.instrument_imports(include=["crawler", "filetype", "protego"]):
        from tests.fuzz.targets import TARGETS
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
