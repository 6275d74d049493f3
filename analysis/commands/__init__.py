"""The commands that read a run; `stillup.py` imports each when it is called."""
