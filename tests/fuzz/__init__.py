"""Hostile bytes for every parser that is ours: found by coverage here, and kept as cases.

targets/    one function a parser: bytes in, an AssertionError or an undocumented error is a finding
cases/      what was found, and a few seeds; `test_cases.py` runs them in the suite, with Hypothesis
seeds.py    where fuzzing begins
one.py      one target under atheris, in a process of its own
__main__.py every target in turn, and what came of it: `make fuzz`

Only `one.py` imports atheris, which is not on every platform.
"""
