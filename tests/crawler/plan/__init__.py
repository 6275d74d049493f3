"""Tests of `stillup plan`."""
