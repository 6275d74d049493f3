"""Tests of reading hash lists."""
