"""Tests of the overview of a run."""
