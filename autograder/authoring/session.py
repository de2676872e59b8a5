"""Editing a lesson in JupyterLab: its notebook is converted back whenever it is saved."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from autograder.errors import AutograderError
from autograder.pairing.pair import Pair, Step, UnreadableNotebook

SECONDS = 0.5  # between two looks at the files

Fingerprint = tuple[tuple[str, int, int, int], ...]


def watch(
    pair: Pair,
    tell: Callable[[Step | AutograderError], None],
    wait: Callable[[], bool] | None = None,
) -> None:
    """Bring lesson and notebook together after each change of a file, until ``wait`` is false.

    Without ``wait`` the files are looked at every half a second, until Ctrl-C.

    ``tell`` gets each step and each error; an error changes no file, and the watch goes on. A
    notebook that is half saved is looked at once more before it is an error.
    """
    seen: Fingerprint | None = None
    half_saved: Fingerprint | None = None
    while (wait or pause)():
        found = _fingerprint(pair)
        if found == seen:
            continue
        try:
            step = pair.bring_together()
        except UnreadableNotebook as error:
            if found != half_saved:
                half_saved = found
                continue
            tell(error)
        except AutograderError as error:
            tell(error)
        else:
            if step.taken:
                tell(step)
        seen = found  # of before: a save during the conversion is seen by the next look


def pause() -> bool:
    """Wait half a second, then return True: the watch goes on."""
    time.sleep(SECONDS)
    return True


def _fingerprint(pair: Pair) -> Fingerprint:
    """The state of the files on the disk."""
    found = []
    for path in pair.files():
        try:
            state = path.stat()
        except FileNotFoundError:
            continue
        found.append((str(path), state.st_mtime_ns, state.st_size, state.st_ino))
    return tuple(found)


@contextmanager
def jupyterlab(pair: Pair) -> Iterator[subprocess.Popen[bytes]]:
    """A running JupyterLab with the notebook open; it ends with the block.

    Its kernels can import ``shared`` and ``solutions``, as the lesson does.
    """
    course = pair.course
    folders = [str(course.source), str(course.root), os.environ.get("PYTHONPATH", "")]
    path = os.pathsep.join(folder for folder in folders if folder)
    command = [sys.executable, "-m", "jupyter", "lab", str(pair.notebook)]
    lab = subprocess.Popen(
        command,
        cwd=course.root,
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C ends the watch first
    )
    try:
        yield lab
    finally:
        lab.terminate()
        lab.wait()
