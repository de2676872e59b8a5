"""Check whether this machine is ready to grade untrusted code."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
from dataclasses import dataclass

from autograder.course.layout import Course
from autograder.errors import ExposedFiles, SandboxUnavailable
from autograder.runs.isolation import layers
from autograder.sandbox.affinity import usable_cores
from autograder.sandbox.bubblewrap import describe
from autograder.sandbox.view import refuse_exposed

INSTALLED_WITH_US = frozenset({"PIL", "einops", "pandas", "scipy", "sklearn", "tqdm"})
USUAL = (
    *sorted(INSTALLED_WITH_US), "IPython", "albumentations", "cv2", "google.colab", "h5py",
    "imageio", "ipywidgets", "jax", "keras", "matplotlib", "networkx", "numba", "numpy", "plotly",
    "requests", "safetensors", "seaborn", "skimage", "statsmodels", "sympy", "tensorboard",
    "tensorflow", "timm", "torch", "torchaudio", "torchsummary", "torchvision", "transformers",
    "wandb", "yaml",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One finding, and whether grading needs it."""

    what: str
    ok: bool
    needed: bool = True


@dataclass(frozen=True)
class Report:
    """All findings; ``ready`` if grading can start."""

    lines: tuple[Line, ...]

    @property
    def ready(self) -> bool:
        return all(line.ok or not line.needed for line in self.lines)


def examine(course: Course, kind: str) -> Report:
    """Check the interpreter, the tools and the sandbox, by using them."""
    version = platform.python_version()
    free_gb = shutil.disk_usage(course.root).free / 1e9
    lines = [
        Line(f"Python {version} (3.11 or newer)", sys.version_info >= (3, 11)),
        Line(f"{len(usable_cores())} processor cores, {free_gb:.0f} GB of free disk", free_gb > 1),
        Line(f"course at {course.root}", True),
        Line("the course folder can be written", os.access(course.root, os.W_OK)),
    ]
    if kind == "bubblewrap":
        found = shutil.which("bwrap")
        lines.append(
            Line(f"bubblewrap: {found or 'apt-get install bubblewrap'}", found is not None)
        )
        lines.append(_private(course))
    try:
        here = layers(course.settings, kind)
        lines.append(Line(f"sandbox {describe(kind)} works", True))
        lines += [Line(f"  layer: {one.what}", one.holds, one.needed) for one in here]
    except SandboxUnavailable as error:
        lines.append(Line(f"sandbox {kind}: {error}", False))
    lines += _packages()
    return Report(tuple(lines))


def _private(course: Course) -> Line:
    try:
        refuse_exposed(course)
    except ExposedFiles as error:
        return Line(str(error), False)
    return Line("no submission can read the course or your home folder", True)


def _packages() -> list[Line]:
    """The packages that students import on Colab and that are installed here."""
    there = {name for name in USUAL if _is_installed(name)}
    lacking = sorted(INSTALLED_WITH_US - there)
    lines = [Line(f"packages of Colab for students: {', '.join(sorted(there))}", True)]
    if lacking:
        text = f"{', '.join(lacking)}: not installed; pip install -e . installs them"
        lines.append(Line(text, False, needed=False))
    others = ", ".join(sorted(set(USUAL) - there))
    text = f"stand-ins, which can be imported and not used: {others}, and others of Colab's"
    return [*lines, Line(text, True, needed=False)]


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # the package that contains it
        return False
