"""Tests of the commands that need both sides."""
