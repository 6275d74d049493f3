"""Compaction: which files become one, on disk, and beside everything else."""
