"""What a command may fail with: one line for a person, and the exit status that goes with it.

Room: records.
"""


class RunFailed(Exception):
    """The run, not the call, is at fault; the text says what to do. Exit status 1."""

    exit_code = 1


class WrongUse(RunFailed):
    """The command was called in a way that cannot work; the text says how to call it. Status 2."""

    exit_code = 2
