"""Read files of git repositories without a work tree."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

_TIMEOUT_S = 120


class Checkout:
    """One git repository, as ``git clone`` makes it or bare. It is only read."""

    def __init__(self, folder: Path) -> None:
        self._git = folder if (folder / "objects").is_dir() else folder / ".git"

    @classmethod
    def of(cls, folder: Path, repository: str) -> Checkout:
        """The repository ``owner/name`` in a folder of checkouts.

        It is ``OWNER+NAME`` there, or ``repo`` within that. Raises FileNotFoundError.
        """
        place = folder / repository.replace("/", "+")
        for found in (place, place / "repo"):
            if (found / "objects").is_dir() or (found / ".git").exists():
                return cls(found)
        raise FileNotFoundError(f"{place} is no git repository")

    def file(self, commit: str, path: str) -> bytes:
        """The bytes of a file in a commit. Raises FileNotFoundError."""
        try:
            return self._run("cat-file", "blob", f"{commit}:{path}")
        except subprocess.CalledProcessError as error:
            raise FileNotFoundError(f"{path} is not in commit {commit}") from error

    def versions(self, pattern: str) -> Iterator[tuple[str, str]]:
        """(commit, path) for each content that a file had in the history, the oldest first.

        ``pattern`` is one of git's path patterns.
        """
        form = "--format=commit %H"
        log = self._run(
            "log", "--all", "--reverse", form, "--raw", "--no-abbrev", "--no-renames", "-m", "-z",
            "--", pattern,
        )  # fmt: skip
        seen: set[str] = set()
        commit = ""
        parts = iter(log.decode("utf-8", errors="surrogateescape").replace("\n", "\0").split("\0"))
        for part in parts:
            if part.startswith("commit "):
                commit = part.removeprefix("commit ")
            elif part.startswith(":"):
                blob, path = part.split()[3], next(parts)
                if set(blob) != {"0"} and blob not in seen:
                    seen.add(blob)
                    yield commit, path

    def _run(self, *arguments: str) -> bytes:
        command = ["git", f"--git-dir={self._git}", *arguments]
        return subprocess.run(command, check=True, capture_output=True, timeout=_TIMEOUT_S).stdout
