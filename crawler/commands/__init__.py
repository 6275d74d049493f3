"""The crawler's commands, one module each. Room: command line: argv in, exit status out."""
