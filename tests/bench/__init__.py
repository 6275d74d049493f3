"""Tests of the benchmarks themselves: that they measure and judge what they say."""
