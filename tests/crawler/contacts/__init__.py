"""Tests of whom to write to."""
