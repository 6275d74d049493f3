"""What looking names up ahead of their visits buys: `python -m bench.names`."""
