"""The examples of `deploy/`, as far as they can be tried without the systems that they are for."""
