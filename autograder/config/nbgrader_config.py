"""The course's ``nbgrader_config.py``: executed once, and again only when the file has changed."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.errors import UsageError

FOLDER = "AutograderFolder"  # a section of ours: the folder of the file, which nbgrader passes over


class ConfigFile:
    """One configuration file, and its configuration at the last execution."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._version: tuple[int, ...] = ()
        self._config = Config()

    def load(self) -> Config:
        """The configuration as nbgrader reads it: a copy, which the caller may change.

        The section ``FOLDER`` is added, so that a class of the course is found from every folder.

        Raises UsageError when the code in the file fails.
        """
        try:
            found = self.path.stat()
            version = (found.st_ino, found.st_size, found.st_mtime_ns)
            if version != self._version:
                # an absolute path: traitlets expands variables and ``~`` in a folder's name
                loader = PyFileConfigLoader(str(self.path.absolute()))
                self._config, self._version = loader.load_config(), version
                self._config[FOLDER] = Config({"path": str(self.path.absolute().parent)})
        except Exception as error:  # any exception of the code in the file
            raise UsageError(f"{self.path}: {type(error).__name__}: {error}") from error
        return deepcopy(self._config)


def folder_of(config: Config) -> Path:
    """The folder of the course that a configuration belongs to.

    nbgrader's commands and formgrader read the file in the folder where they run, so without the
    section ``FOLDER`` it is the current folder.
    """
    return Path(config[FOLDER].path) if config.get(FOLDER) else Path.cwd()
