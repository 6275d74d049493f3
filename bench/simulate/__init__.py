"""Crawls of the fake internet beside what `stillup simulate` says of them."""
