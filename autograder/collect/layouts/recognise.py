"""The layout of a download, by its own marks."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.collect.layouts.canvas import Canvas
from autograder.collect.layouts.classroom import Classroom
from autograder.collect.layouts.gradescope import METADATA, Gradescope
from autograder.collect.layouts.layout import Class, Layout, is_clutter
from autograder.collect.layouts.moodle import Moodle
from autograder.collect.layouts.nbgrader import Nbgrader
from autograder.collect.layouts.plain import Plain
from autograder.errors import UsageError

LAYOUTS: tuple[Layout, ...] = (
    Canvas(), Moodle(), Gradescope(), Classroom(), Nbgrader(), Plain()
)  # fmt: skip
BY_NAME = {layout.name: layout for layout in LAYOUTS}
_MOST = 0.5  # the share of files that must bear a layout's marks


def layout_of(name: str, paths: Sequence[str], about: Class) -> Layout:
    """The layout of a download with these paths. Raises UsageError if two layouts fit."""
    paths = [path for path in paths if not is_clutter(path)]
    if any(path.rsplit("/", 1)[-1] == METADATA and path.count("/") <= 1 for path in paths):
        return BY_NAME["gradescope"]
    fitting = [
        layout
        for layout in LAYOUTS
        if paths and sum(layout.marks(path, about) for path in paths) > _MOST * len(paths)
    ]
    if BY_NAME["moodle"] in fitting:  # no student's file name has Moodle's mark
        return BY_NAME["moodle"]
    if len(fitting) > 1:
        titles = " and ".join(layout.title for layout in fitting)
        raise UsageError(
            f"{name} fits {titles}. Say which with --from "
            f"({', '.join(layout.name for layout in fitting)})."
        )
    return fitting[0] if fitting else BY_NAME["plain"]


def is_download(paths: Sequence[str], about: Class) -> bool:
    """Whether an archive with these paths is a system's download, not a student's zip."""
    try:
        return layout_of("", paths, about).name != "plain"
    except UsageError:
        return True
