"""What a benchmark fails with: one line for a person."""


class BenchFailed(Exception):
    """The run cannot be trusted or cannot start; the text says why."""
