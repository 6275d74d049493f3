"""Tests of near pairs."""
