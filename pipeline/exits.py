"""The exit codes, as users are promised them. Imports nothing: every command comes through here."""

OK = 0
FAILED = 1  # the job failed, or the books do not balance
USAGE = 2  # usage, configuration, or a store of another schema version
MANY_FAILED = 3  # finished, but more failed than `--max-failed-ratio`
DIFFERENCES = 4  # a check found some
INTERRUPTED = 130
