"""Changes to nbgrader: it copies no private file and lists only assignments.

``nbgrader_config.py`` calls ``install``. nbgrader copies the files beside a source notebook into
the release, into its solution, and into autograded submissions, from which feedback is copied. It
copies the release into the exchange.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbgrader.converters.base
import nbgrader.utils
from nbgrader.apps.api import NbGraderAPI
from nbgrader.converters import GenerateSolution
from nbgrader.exchange.default import ExchangeReleaseAssignment
from nbgrader.preprocessors import ClearHiddenTests

from autograder.nbgrader_api.public_files import is_public, private_files_in_release

_NOTEBOOKS = "*.ipynb"  # in the list of ignored names if nbgrader looks for files to copy


def _only_public(find: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """``nbgrader.utils.find_all_files`` without private files when nbgrader is about to copy."""

    @functools.wraps(find)
    def find_all_files(path: str, exclude: list[str] | None = None) -> list[str]:
        found = find(path, exclude)
        if _NOTEBOOKS not in (exclude or ()):
            return found
        return [name for name in found if is_public(Path(name), Path(path))]

    return find_all_files


def _checked(copy: Callable[..., None]) -> Callable[..., None]:
    """``ExchangeReleaseAssignment.do_copy`` that refuses a release with private files."""

    @functools.wraps(copy)
    def do_copy(self: Any, src: str, *more: Any, **named: Any) -> None:
        if found := private_files_in_release(Path(src)):
            self.fail(
                f"{found[0]} is no part of a release. Generate the assignment again, which removes "
                "it, and then release it."
            )
        copy(self, src, *more, **named)

    return do_copy


def _with_notebooks(list_sources: Callable[..., set[str]]) -> Callable[..., set[str]]:
    """``NbGraderAPI.get_source_assignments`` without folders that hold no lesson or notebook."""

    @functools.wraps(list_sources)
    def get_source_assignments(self: Any) -> set[str]:
        directory = self.coursedir
        return {
            name
            for name in list_sources(self)
            if _is_assignment(Path(directory.format_path(directory.source_directory, ".", name)))
        }

    return get_source_assignments


def _is_assignment(folder: Path) -> bool:
    return any(any(folder.glob(pattern)) for pattern in ("[0-9]*_*.py", _NOTEBOOKS))


def install() -> None:
    """Replace nbgrader's functions; a second call changes nothing."""
    find = nbgrader.utils.find_all_files
    if not hasattr(find, "__wrapped__"):
        nbgrader.utils.find_all_files = _only_public(find)
        nbgrader.converters.base.find_all_files = nbgrader.utils.find_all_files
        ExchangeReleaseAssignment.do_copy = _checked(ExchangeReleaseAssignment.do_copy)
        NbGraderAPI.get_source_assignments = _with_notebooks(NbGraderAPI.get_source_assignments)
        steps = GenerateSolution.preprocessors
        *first, execute = steps.default_args[0]
        steps.default_args = ([*first, ClearHiddenTests, execute],)
