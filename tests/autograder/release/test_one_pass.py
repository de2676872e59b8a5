"""A release reads each source file once and makes each notebook once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupytext
import nbclient
import pytest
from nbgrader.converters import GenerateAssignment

from autograder.course.layout import Course
from autograder.release import instructor
from autograder.release.release import release, stale
from tests.autograder.reads import counting, note_calls

SHARED = "def shared(x):\n    return x\n"
SOURCE = "source/demo/01_sums.py"
MORE = "source/demo/02_more.py"


@pytest.fixture
def two(course: Course) -> Course:
    """The demo course with a second notebook; both use one shared module."""
    first, more = course.root / SOURCE, course.root / MORE
    (course.source / "shared").mkdir()
    (course.source / "shared" / "code.py").write_text(SHARED)
    line = "from shared.code import shared\n"
    first.write_text(first.read_text().replace("import math\n", f"{line}import math\n"))
    more.write_text(f"# %%\n{line}\n# %% [markdown]\n# Two.\n")
    return course


Count = Callable[[Callable[[Course], object]], Counter[str]]


@pytest.fixture
def count(two: Course, tmp_path_factory: Any, monkeypatch: pytest.MonkeyPatch) -> Count:
    """``count(action)``: the reads and the notebooks of an action on the course."""

    def run(action: Callable[[Course], object]) -> Counter[str]:
        log: Path = tmp_path_factory.mktemp("reads") / "log"
        made: Counter[str] = Counter()
        with monkeypatch.context() as patch, counting(two.root, log) as reads:
            note_calls(patch, jupytext, "reads", lambda *a, **k: made.update(["parsed"]))
            note_calls(patch, instructor, "_cell_ids", lambda *a: made.update(["built"]))
            note_calls(patch, GenerateAssignment, "start", lambda *a: made.update(["converted"]))
            note_calls(
                patch, nbclient.NotebookClient, "execute", lambda *a, **k: made.update(["run"])
            )
            action(Course.find(two.root))
            opened = reads.counted("opened")
        return made + Counter({path: n for path, n in opened.items() if path.endswith(".py")})

    return run


INPUTS = {SOURCE: 1, MORE: 1, "source/shared/code.py": 1, "nbgrader_config.py": 1}


def made(counts: Counter[str]) -> dict[str, int]:
    """The counts without generated modules."""
    return {name: n for name, n in counts.items() if not name.startswith("solutions/")}


def test_each_source_is_read_once_and_each_notebook_made_once(count: Count) -> None:
    # runs: two worked notebooks, and the released one with a figure
    fresh = count(lambda course: release(course, "demo"))
    assert made(fresh) == {**INPUTS, "parsed": 4, "built": 2, "converted": 1, "run": 3}
    again = count(lambda course: release(course, "demo"))
    assert made(again) == {**INPUTS, "parsed": 4, "built": 2, "converted": 1}
    looked = count(lambda course: stale(course, "demo"))
    assert made(looked) == {**INPUTS, "parsed": 2, "built": 2, "converted": 1}
