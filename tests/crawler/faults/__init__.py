"""Faults for a crawl in a process of its own: the real command, on a machine that lets it down."""
