"""The engines: one contract for all, and what is Ray's own."""
