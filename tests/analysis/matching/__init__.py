"""Tests of matching hash lists against runs."""
