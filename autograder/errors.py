"""Every error the engine raises for its users, in one small tree."""


class AutograderError(Exception):
    """Something an instructor can act on; the text says what to do."""


class UsageError(AutograderError):
    """The command or the course folder is not what the engine expects (exit code 2)."""


class SourceError(AutograderError):
    """A source notebook breaks a rule of the course format."""


class SandboxUnavailable(AutograderError):
    """This machine cannot give a submission the isolation that was asked for."""


class ExposedFiles(SandboxUnavailable):
    """The course, a part of it or the home folder lies in a folder that every submission can read.

    The text says which, where, and what to do.
    """


class GradebookError(AutograderError):
    """The gradebook is locked, damaged or of another program (exit code 2)."""


class DiskError(AutograderError):
    """A file could not be written, mostly because the disk is full (exit code 2)."""


class Interrupted(AutograderError):
    """Somebody pressed Ctrl-C; the text says what was kept (exit code 130)."""


class UnreadableSubmission(AutograderError):
    """A submitted file is not a notebook that can be read; the text says why."""
