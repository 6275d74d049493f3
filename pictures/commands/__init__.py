"""The commands of this package, one a file."""
