"""What a command may fail with: one line for a person, and the exit status that goes with it.

Room: records.
"""

import errno


class RunFailed(Exception):
    """The run, not the call, is at fault; the text says what to do. Exit status 1."""

    exit_code = 1


class ShardTaken(RunFailed):
    """Another process walks the shard, or did a moment ago: that passes."""


class WrongUse(RunFailed):
    """The command was called in a way that cannot work; the text says how to call it. Status 2."""

    exit_code = 2


# What a person can do about an error of the file system.
_REMEDIES = {
    errno.ENOSPC: "free space there, then run the same command again to go on",
    errno.EDQUOT: "free space there or raise the quota, then run the same command again to go on",
    errno.EFBIG: "raise the limit on file sizes (ulimit -f), then run the same command again",
    errno.EROFS: "remount it for writing, or copy the run to where it can be written",
    errno.EACCES: "make it writable for this user, or copy the run to where it can be written",
    errno.EPERM: "put the run on a file system that has hard links and lets this user write",
    errno.EOPNOTSUPP: "put the run on a file system that has hard links",
    errno.ENOENT: "it was moved or deleted; put it back, or plan the run anew",
    errno.ENOTDIR: "it was replaced by something else; put it back, or plan the run anew",
    errno.ESTALE: "it was moved or deleted; put it back, or plan the run anew",
    errno.EIO: "the disk is failing; copy the run to another one and go on there",
    errno.EMFILE: "raise the limit on open files (ulimit -n), then run the same command again",
}


def disk_failure(what: str, error: OSError) -> RunFailed:
    """Return what to raise when the file system refuses; `what` begins the line, as "cannot write X"."""
    cause = error.strerror or str(error) or type(error).__name__
    remedy = _REMEDIES.get(error.errno or 0, "when that is mended, run the same command again")
    return RunFailed(f"{what}: {cause}; {remedy}")


def database_failure(what: str, cause: str) -> RunFailed:
    """Return what to raise when DuckDB gives up; `cause` is its message, on one line."""
    remedy = ""
    if "No space left on device" in cause:
        remedy = f"; {_REMEDIES[errno.ENOSPC]}"
    elif "Read-only file system" in cause:
        remedy = f"; {_REMEDIES[errno.EROFS]}"
    return RunFailed(f"{what}{cause}{remedy}")
