"""File names under which learning management systems take feedback files back.

Each system finds the student in the name of its own download, so a name is made from the path
that a file of the student had there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

_MOODLE = re.compile(r"(?P<name>.*)_(?P<id>\d+)_assignsubmission_file(?P<end>_)?(?P<rest>.*)")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class LmsName:
    """The path of a feedback file in a pack, and the key of its student in that system."""

    path: str
    key: str


def moodle_name(paths: Iterable[str], file: str) -> LmsName | None:
    """The path of ``file`` for Moodle's "Upload multiple feedback files in a zip".

    Moodle reads the number of the participant from ``NAME_NUMBER_assignsubmission_file`` in the
    path; this is the folder or the prefix in its download of the same assignment. The name itself
    must hold no underscore. See ``mod/assign/feedback/file/importziplib.php`` in Moodle's public
    source. None if no path is of Moodle.
    """
    for path in sorted(paths):
        parts = PurePosixPath(path).parts
        for number, part in enumerate(parts):
            found = _MOODLE.fullmatch(part)
            if found is None:
                continue
            name = found["name"].replace("_", " ").lstrip(".~ ") or "Participant"
            prefix = f"{name}_{found['id']}_assignsubmission_file"
            is_folder = number < len(parts) - 1
            place = f"{prefix}{found['end'] or ''}/{file}" if is_folder else f"{prefix}_{file}"
            return LmsName(place, str(int(found["id"])))
    return None


def canvas_name(paths: Iterable[str], file: str) -> LmsName | None:
    """The name of a feedback file for Canvas's "Upload Submissions".

    Canvas reads the id of the user and the id of the handed-in file from the name in its download,
    ``NAME_USER_FILE_REST``, or ``anon_CODE_FILE_REST``. It ignores names that end in ``_link``.
    The new rest is ``file``. See ``infer_comment_context_from_filename`` in
    ``app/models/abstract_assignment.rb`` of Canvas's public source. None if no path is of Canvas.
    """
    for path in sorted(paths, key=lambda one: (not one.lower().endswith(".ipynb"), one)):
        parts = PurePosixPath(path).name.split("_")
        known = [number for number, part in enumerate(parts) if part != "LATE"]
        if known and parts[known[0]] == "anon":
            ids = known[1:3]
        else:
            ids = [number for number in known if _DIGITS.fullmatch(parts[number])][:2]
        if len(ids) < 2 or ids[-1] == len(parts) - 1 or not _DIGITS.fullmatch(parts[ids[-1]]):
            continue
        prefix = "_".join(parts[: ids[-1] + 1])
        return LmsName(f"{prefix}_{file.replace('_', '-')}", parts[ids[0]])
    return None
