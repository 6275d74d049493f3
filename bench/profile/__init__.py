"""What a link costs with everything on, and where it goes: a sampled crawl, its stacks sorted into parts."""
