"""Every error that the engine raises for its users, in one small tree."""


class AutograderError(Exception):
    """An error that an instructor can fix; the text gives the next step."""


class UsageError(AutograderError):
    """The command was used wrongly, or the course folder has an unexpected layout (exit code 2)."""


class SourceError(AutograderError):
    """A source notebook breaks a rule of the course format."""


class SandboxUnavailable(AutograderError):
    """This machine cannot isolate submissions in the requested mode."""


class ExposedFiles(SandboxUnavailable):
    """The course, a part of it or the home folder lies in a folder that submissions can read.

    The text names the folder, its place and the next step.
    """


class GradebookError(AutograderError):
    """The gradebook is locked, damaged or from another program (exit code 2)."""


class DiskError(AutograderError):
    """A file could not be written, in most cases because the disk is full (exit code 2)."""


class Interrupted(AutograderError):
    """Somebody pressed Ctrl-C; the text lists the kept results (exit code 130)."""


class UnreadableSubmission(AutograderError):
    """A submitted file is not a readable notebook; the text gives the reason."""
