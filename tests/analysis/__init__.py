"""Tests of analysis, file by file as in the source."""
