"""The benchmarks: stillup against its peers, as ratios in one run. Nothing of it is installed."""
