"""Tests of `pictures`: what a picture tells, and that nothing else of it is kept."""
