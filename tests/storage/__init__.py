"""Tests of where a run lies."""
