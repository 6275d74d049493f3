"""Tests of what captions mean."""
